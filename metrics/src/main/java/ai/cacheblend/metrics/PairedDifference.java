package ai.cacheblend.metrics;

/**
 * Candidate minus baseline, both measured on the same items (same sample, same block), so that
 * variation between items cancels.
 *
 * @param n number of pairs
 * @param mean the mean difference, equal to the difference of the means
 * @param sampleStd the sample standard deviation of the differences (divisor n - 1); NaN if n is 1
 * @param halfWidth95 half the width of the 95 % t interval of the mean difference; NaN if n is 1
 */
public record PairedDifference(int n, double mean, double sampleStd, double halfWidth95) {

  public PairedDifference {
    if (n < 1) {
      throw new IllegalArgumentException("n: " + n + "; use one pair or more");
    }
    Samples.checked("mean", mean);
    checkSpread("sampleStd", sampleStd, n);
    checkSpread("halfWidth95", halfWidth95, n);
  }

  /**
   * Pairs the values by index.
   *
   * @throws IllegalArgumentException if the lengths differ, or are 0, or a value is not finite
   */
  public static PairedDifference of(double[] candidate, double[] baseline) {
    Summary summary = Summary.of(differences(candidate, baseline));
    return new PairedDifference(
        summary.n(), summary.mean(), summary.sampleStd(), summary.halfWidth95());
  }

  /** The lower end of the 95 % interval; NaN if n is 1. */
  public double low95() {
    return mean - halfWidth95;
  }

  /** The upper end of the 95 % interval; NaN if n is 1. */
  public double high95() {
    return mean + halfWidth95;
  }

  /** Whether the 95 % interval excludes zero; false for one pair. */
  public boolean isResolved() {
    return low95() > 0 || high95() < 0;
  }

  /** {@code candidate[i] - baseline[i]}, the input of any paired method. */
  public static double[] differences(double[] candidate, double[] baseline) {
    Samples.checked("candidate", candidate);
    Samples.checked("baseline", baseline);
    if (candidate.length != baseline.length) {
      throw new IllegalArgumentException(
          "candidate and baseline: "
              + candidate.length
              + " and "
              + baseline.length
              + " values; use the same number of each, in the same order");
    }
    double[] differences = new double[candidate.length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = candidate[i] - baseline[i];
    }
    return differences;
  }

  private static void checkSpread(String name, double value, int n) {
    boolean known = value >= 0 && Double.isFinite(value);
    if (n == 1 ? !Double.isNaN(value) : !known) {
      throw new IllegalArgumentException(
          name + ": " + value + " for n = " + n + "; NaN for one pair, else finite and >= 0");
    }
  }
}
