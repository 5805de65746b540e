package ai.cacheblend.metrics;

/**
 * Evidence against the hypothesis that the mean of bounded values is at most a bound, as the
 * capital of a bettor who starts with 1 and bets on each value that it exceeds the bound.
 *
 * <p>With bet {@code b}, value {@code x} multiplies the capital by {@code 1 + b (x - bound)}. The
 * largest bet is {@code 1 / (bound - lowest)}, so that no factor is negative. Under the hypothesis
 * the expected factor is at most 1 for any distribution of the values. The capital is then a
 * nonnegative supermartingale, and by Ville's inequality it ever reaches {@code 1 / alpha} with
 * probability at most alpha. The test may therefore stop after any value. The capital is the mean
 * over a fixed grid of bets, which costs at most a factor of the grid's size and leaves nothing to
 * tune. Source: I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by
 * betting", JRSS B, 2024.
 *
 * <p>Not thread-safe.
 */
final class BettingCapital {

  /** Bets as shares of the largest one. */
  private static final double[] SHARES = {
    0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 0.999
  };

  private final double bound;
  private final double largestBet;

  /** Logarithm of the capital of each bet. */
  private final double[] logCapitals = new double[SHARES.length];

  /**
   * @param bound mean under the hypothesis, at most
   * @param lowest lower limit of the values, below {@code bound}
   */
  BettingCapital(double bound, double lowest) {
    if (!(bound > lowest) || !Double.isFinite(1 / (bound - lowest))) {
      throw new IllegalArgumentException(
          "bound is " + bound + "; use a value above the lowest possible one, " + lowest);
    }
    this.bound = bound;
    this.largestBet = 1 / (bound - lowest);
  }

  /** Bets on {@code value}, {@code count} times. */
  void add(double value, long count) {
    double step = (value - bound) * largestBet;
    for (int i = 0; i < SHARES.length; i++) {
      logCapitals[i] += (double) count * Math.log1p(SHARES[i] * step);
    }
  }

  /** Natural logarithm of the capital; 0 before the first value. */
  double log() {
    double largest = Double.NEGATIVE_INFINITY;
    for (double log : logCapitals) {
      largest = Math.max(largest, log);
    }
    double sum = 0;
    for (double log : logCapitals) {
      sum += Math.exp(log - largest);
    }
    return largest + Math.log(sum / SHARES.length);
  }
}
