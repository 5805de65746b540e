package ai.cacheblend.metrics;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * How far the mean of one sample lies above another's, with what a t test needs.
 *
 * @param difference second mean minus first
 * @param standardError of the difference; 0 where nothing varies
 * @param degreesOfFreedom of the t distribution; need not be whole
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
              + "; must be at least 0, and more than 0");
    }
  }

  /**
   * Values measured on the same items, paired by index.
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
   * Independent values of unequal variance (Welch, with Satterthwaite's degrees of freedom).
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

  /** Probability of a difference at least as far from 0, in either direction, if there is none. */
  public double pTwoSided() {
    return Math.min(1, 2 * Math.min(pAbove(0), pBelow(0)));
  }

  /** Probability of a difference at least this high if the true one is {@code limit} or less. */
  public double pAbove(double limit) {
    return standardError == 0
        ? (difference > limit ? 0 : 1)
        : t().survivalProbability((difference - limit) / standardError);
  }

  /** Probability of a difference at least this low if the true one is {@code limit} or more. */
  public double pBelow(double limit) {
    return standardError == 0
        ? (difference < limit ? 0 : 1)
        : t().cumulativeProbability((difference - limit) / standardError);
  }

  private TDistribution t() {
    return TDistribution.of(degreesOfFreedom);
  }
}
