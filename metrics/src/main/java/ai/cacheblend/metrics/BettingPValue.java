package ai.cacheblend.metrics;

/**
 * Two-sided p value of the hypothesis that the mean of values in [-1, 1] is 0, for any
 * distribution, ties and asymmetry included. A permutation test of signs needs a symmetric
 * distribution, which differences of interpolated scores do not have.
 *
 * <p>The capital of {@link BettingCapital} against each side ever exceeds {@code 1 / p} with
 * probability at most p. Twice the smaller of both p values is a p value by Bonferroni's
 * inequality. It depends on the order of the values, which must be random.
 */
public final class BettingPValue {
  private BettingPValue() {}

  /**
   * The p value.
   *
   * @throws IllegalArgumentException if there is no value or one is not in [-1, 1]
   */
  public static double twoSided(double[] values) {
    Samples.checked("values", values);
    BettingCapital above = new BettingCapital(0, -1);
    BettingCapital below = new BettingCapital(0, -1);
    double largestLog = 0;
    for (double value : values) {
      Samples.checkRange("values", value, -1, 1);
      above.add(value, 1);
      below.add(-value, 1);
      largestLog = Math.max(largestLog, Math.max(above.log(), below.log()));
    }
    return Math.min(1, 2 * Math.exp(-largestLog));
  }
}
