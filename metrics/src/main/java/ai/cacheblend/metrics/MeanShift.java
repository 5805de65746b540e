package ai.cacheblend.metrics;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * How much the mean of one group of values exceeds that of another which is not paired with it.
 *
 * @param difference mean of the first group minus mean of the second
 * @param p two-sided p value of no difference, by Welch's t test; 1 where a group has one value
 */
public record MeanShift(double difference, double p) {

  /**
   * Compares two groups.
   *
   * @throws IllegalArgumentException if a group is empty or a value is NaN or infinite
   */
  public static MeanShift of(double[] first, double[] second) {
    Summary one = Summary.of(first);
    Summary other = Summary.of(second);
    double difference = one.mean() - other.mean();
    if (one.n() < 2 || other.n() < 2) {
      return new MeanShift(difference, 1);
    }
    double oneVariance = one.sampleStd() * one.sampleStd() / one.n();
    double otherVariance = other.sampleStd() * other.sampleStd() / other.n();
    double variance = oneVariance + otherVariance;
    if (variance == 0) {
      return new MeanShift(difference, difference == 0 ? 1 : 0);
    }
    double freedom =
        variance
            * variance
            / (oneVariance * oneVariance / (one.n() - 1)
                + otherVariance * otherVariance / (other.n() - 1));
    double t = Math.abs(difference) / Math.sqrt(variance);
    return new MeanShift(difference, 2 * TDistribution.of(freedom).survivalProbability(t));
  }
}
