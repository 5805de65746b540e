package ai.cacheblend.metrics;

import java.util.Optional;

/**
 * Ratio of two means of paired scores in [0, 1], with a confidence interval that holds for any
 * distribution and at every number of pairs at once.
 *
 * <p>The ratio of the means is r if and only if the mean of {@code x - r y} is 0 (E. C. Fieller,
 * "Some problems in interval estimation", JRSS B, 1954). The interval has the ratios for which
 * {@link BettingCapital} does not reject that mean on either side at alpha / 2. Fieller's own
 * interval uses the t test in its place, which has no width where all differences are 0.
 *
 * <p>Each factor of the capital against "the mean of {@code x - r y} is at most 0" falls as r
 * rises. The ratios that are not rejected therefore form an interval, and bisection finds its ends.
 *
 * @param ratio mean of the numerators divided by mean of the denominators
 * @param low lower end, 0 or more
 * @param high upper end; infinite if the mean of the denominators is not shown to exceed 0
 */
public record BettingRatio(double ratio, double low, double high) {
  private static final double TOLERANCE = 1e-9;

  /** Larger ratios of scores are not distinguished from infinity. */
  private static final double LARGEST = 1e6;

  public BettingRatio {
    Samples.checked("ratio", ratio);
    if (!(low >= 0 && low <= ratio && ratio <= high)) {
      throw new IllegalArgumentException(
          "low, ratio, high: " + low + ", " + ratio + ", " + high + "; they must be in order");
    }
  }

  /**
   * Pairs the scores by index.
   *
   * @param alpha probability that the ratio is ever outside, at most; 0.05 for 95 %
   * @return empty if every denominator is 0
   * @throws IllegalArgumentException if the lengths differ or are 0, or a score is not in [0, 1]
   */
  public static Optional<BettingRatio> of(
      double[] numerators, double[] denominators, double alpha) {
    double[] x = checked("numerators", numerators);
    double[] y = checked("denominators", denominators);
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "numerators and denominators: " + x.length + " and " + y.length + " values");
    }
    double mean = Summary.of(y).mean();
    if (mean == 0) {
      return Optional.empty();
    }
    double ratio = Summary.of(x).mean() / mean;
    double logThreshold = Math.log(2 / alpha);
    return Optional.of(
        new BettingRatio(ratio, low(x, y, ratio, logThreshold), high(x, y, ratio, logThreshold)));
  }

  private static double low(double[] x, double[] y, double ratio, double logThreshold) {
    double rejected = 0;
    double kept = ratio;
    while (kept - rejected > TOLERANCE) {
      double middle = rejected + (kept - rejected) / 2;
      if (logCapitalAbove(x, y, middle) >= logThreshold) {
        rejected = middle;
      } else {
        kept = middle;
      }
    }
    return rejected;
  }

  private static double high(double[] x, double[] y, double ratio, double logThreshold) {
    double kept = ratio;
    double rejected = Math.max(1, 2 * ratio);
    while (logCapitalBelow(x, y, rejected) < logThreshold) {
      kept = rejected;
      rejected *= 2;
      if (rejected > LARGEST) {
        return Double.POSITIVE_INFINITY;
      }
    }
    while (rejected - kept > TOLERANCE * rejected) {
      double middle = kept + (rejected - kept) / 2;
      if (logCapitalBelow(x, y, middle) >= logThreshold) {
        rejected = middle;
      } else {
        kept = middle;
      }
    }
    return rejected;
  }

  /** Against "the ratio is at most r", r above 0: values {@code x / r - y} are at least -1. */
  private static double logCapitalAbove(double[] x, double[] y, double r) {
    BettingCapital capital = new BettingCapital(0, -1);
    for (int i = 0; i < x.length; i++) {
      capital.add(x[i] / r - y[i], 1);
    }
    return capital.log();
  }

  /** Against "the ratio is at least r": values {@code r y - x} are at least -1. */
  private static double logCapitalBelow(double[] x, double[] y, double r) {
    BettingCapital capital = new BettingCapital(0, -1);
    for (int i = 0; i < x.length; i++) {
      capital.add(r * y[i] - x[i], 1);
    }
    return capital.log();
  }

  private static double[] checked(String name, double[] scores) {
    for (double score : Samples.checked(name, scores)) {
      Samples.checkRange(name, score, 0, 1);
    }
    return scores;
  }
}
