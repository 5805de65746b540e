package ai.cacheblend.metrics;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Difference of two means with its standard error, for t tests and t intervals.
 *
 * @param difference second mean minus first
 * @param standardError of the difference; 0 if no value varies
 * @param degreesOfFreedom of the t distribution; may be fractional
 */
public record MeanDifference(double difference, double standardError, double degreesOfFreedom) {

  private static final double UPPER_TAIL = 0.975;

  public MeanDifference {
    Samples.checked(
        "difference, standardError, degreesOfFreedom", difference, standardError, degreesOfFreedom);
    if (standardError < 0 || degreesOfFreedom <= 0) {
      throw new IllegalArgumentException(
          "standardError, degreesOfFreedom: "
              + standardError
              + ", "
              + degreesOfFreedom
              + "; use 0 or more, and more than 0");
    }
  }

  /**
   * Second minus first, of values measured on the same items and paired by index.
   *
   * @throws IllegalArgumentException if the lengths differ or are below 2
   */
  public static MeanDifference ofPairs(double[] first, double[] second) {
    PairedDifference pairs = PairedDifference.of(second, first);
    requireTwo("first", pairs.n());
    return new MeanDifference(
        pairs.mean(), pairs.sampleStd() / Math.sqrt(pairs.n()), pairs.n() - 1.0);
  }

  /**
   * Second minus first, of independent values with unequal variances (Welch's t test with
   * Satterthwaite's degrees of freedom).
   *
   * @throws IllegalArgumentException if there are fewer than 2 of either
   */
  public static MeanDifference welch(double[] first, double[] second) {
    requireTwo("first", first.length);
    requireTwo("second", second.length);
    Summary a = Summary.of(first);
    Summary b = Summary.of(second);
    double varianceA = a.sampleStd() * a.sampleStd() / a.n();
    double varianceB = b.sampleStd() * b.sampleStd() / b.n();
    double variance = varianceA + varianceB;
    double freedom =
        variance == 0
            ? a.n() + b.n() - 2.0
            : variance
                * variance
                / (varianceA * varianceA / (a.n() - 1) + varianceB * varianceB / (b.n() - 1));
    return new MeanDifference(b.mean() - a.mean(), Math.sqrt(variance), freedom);
  }

  private static void requireTwo(String name, int count) {
    if (count < 2) {
      throw new IllegalArgumentException(
          name + ": " + count + " values; a difference of means needs 2 or more");
    }
  }

  /** Lower end of the 95 % interval. */
  public double low95() {
    return difference - halfWidth95();
  }

  /** Upper end of the 95 % interval. */
  public double high95() {
    return difference + halfWidth95();
  }

  private double halfWidth95() {
    return standardError * t().inverseCumulativeProbability(UPPER_TAIL);
  }

  /** Two-sided p value of the hypothesis that the true difference is 0. */
  public double pTwoSided() {
    return Math.min(1, 2 * Math.min(pAbove(0), pBelow(0)));
  }

  /** One-sided p value of the hypothesis that the true difference is at most {@code limit}. */
  public double pAbove(double limit) {
    return standardError == 0
        ? (difference > limit ? 0 : 1)
        : t().survivalProbability((difference - limit) / standardError);
  }

  /** One-sided p value of the hypothesis that the true difference is at least {@code limit}. */
  public double pBelow(double limit) {
    return standardError == 0
        ? (difference < limit ? 0 : 1)
        : t().cumulativeProbability((difference - limit) / standardError);
  }

  private TDistribution t() {
    return TDistribution.of(degreesOfFreedom);
  }
}
