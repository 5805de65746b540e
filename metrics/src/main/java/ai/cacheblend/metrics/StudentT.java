package ai.cacheblend.metrics;

import org.apache.commons.statistics.distribution.TDistribution;

/** The t interval of a mean. */
final class StudentT {

  private static final double UPPER_TAIL = 0.975;

  private StudentT() {}

  /** t quantile times standard error; NaN below two values. */
  static double halfWidth95(int n, double sampleStd) {
    if (n < 2) {
      return Double.NaN;
    }
    double quantile = TDistribution.of(n - 1.0).inverseCumulativeProbability(UPPER_TAIL);
    return quantile * sampleStd / Math.sqrt(n);
  }
}
