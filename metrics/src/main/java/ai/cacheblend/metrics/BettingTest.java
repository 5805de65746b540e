package ai.cacheblend.metrics;

import java.util.OptionalInt;

/**
 * Sequential test of non-inferiority on paired differences, candidate minus baseline, that lie in
 * [-1, 1]. Pass: the mean difference is above {@code -margin}. Fail: it is below {@code -margin}.
 *
 * <p>Each of the two is wrong with probability at most alpha over all sample sizes together, for
 * any distribution of the differences ({@link BettingCapital}). The test may be evaluated after
 * every sample. It assumes that the samples are independent draws from one population, in random
 * order.
 *
 * <p>Not thread-safe.
 */
public final class BettingTest {
  private static final double LOWEST = -1;

  private final double logThreshold;
  private final BettingCapital pass;
  private final BettingCapital fail;
  private int count;
  private double largestLogPass;
  private OptionalInt passedAfter = OptionalInt.empty();
  private OptionalInt failedAfter = OptionalInt.empty();

  /**
   * @param margin largest acceptable loss, above 0 and below 1
   * @param alpha error rate of each side, above 0 and below 1
   */
  public BettingTest(double margin, double alpha) {
    requireShare("margin", margin);
    requireShare("alpha", alpha);
    this.logThreshold = -Math.log(alpha);
    this.pass = new BettingCapital(-margin, LOWEST);
    this.fail = new BettingCapital(margin, LOWEST);
  }

  /**
   * Adds the difference of the next sample.
   *
   * @throws IllegalArgumentException if it is not in [-1, 1]; the test is unchanged then
   */
  public void add(double difference) {
    Samples.checkRange("difference", difference, -1, 1);
    count++;
    pass.add(difference, 1);
    fail.add(-difference, 1);
    largestLogPass = Math.max(largestLogPass, pass.log());
    if (passedAfter.isEmpty() && pass.log() >= logThreshold) {
      passedAfter = OptionalInt.of(count);
    }
    if (failedAfter.isEmpty() && fail.log() >= logThreshold) {
      failedAfter = OptionalInt.of(count);
    }
  }

  /** Number of differences added. */
  public int count() {
    return count;
  }

  /** Natural logarithm of the capital against "the mean difference is at most -margin". */
  public double logPassCapital() {
    return pass.log();
  }

  /** The largest value of {@link #logPassCapital} so far, 0 before the first sample. */
  public double largestLogPassCapital() {
    return largestLogPass;
  }

  /** Natural logarithm of the capital against "the mean difference is at least -margin". */
  public double logFailCapital() {
    return fail.log();
  }

  /** Logarithm of {@code 1 / alpha}: a side decides when its capital reaches it. */
  public double logThreshold() {
    return logThreshold;
  }

  /** Number of samples after which the pass capital first reached the threshold. */
  public OptionalInt passedAfter() {
    return passedAfter;
  }

  /** Number of samples after which the fail capital first reached the threshold. */
  public OptionalInt failedAfter() {
    return failedAfter;
  }

  /**
   * Number of samples until a pass if every difference is 0.
   *
   * @throws IllegalArgumentException as the constructor
   */
  public static long samplesToPass(double margin, double alpha) {
    requireShare("margin", margin);
    requireShare("alpha", alpha);
    long enough = 1;
    while (!passes(enough, margin, alpha)) {
      enough *= 2;
    }
    long tooFew = enough / 2;
    while (enough - tooFew > 1) {
      long middle = (tooFew + enough) / 2;
      if (passes(middle, margin, alpha)) {
        enough = middle;
      } else {
        tooFew = middle;
      }
    }
    return enough;
  }

  private static boolean passes(long zeroCount, double margin, double alpha) {
    BettingCapital capital = new BettingCapital(-margin, LOWEST);
    capital.add(0, zeroCount);
    return capital.log() >= -Math.log(alpha);
  }

  private static void requireShare(String name, double value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException(name + " is " + value + "; use a value between 0 and 1");
    }
  }
}
