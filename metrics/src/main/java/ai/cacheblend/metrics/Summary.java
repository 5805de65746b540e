package ai.cacheblend.metrics;

/**
 * Summary statistics of repeated measurements of one quantity, in the unit of the values.
 *
 * @param n number of values
 * @param mean their arithmetic mean
 * @param sampleStd the sample standard deviation (divisor n - 1); NaN if n is 1
 * @param min the smallest value
 * @param median the middle value, or the mean of the two middle ones
 * @param max the largest value
 */
public record Summary(int n, double mean, double sampleStd, double min, double median, double max) {

  public Summary {
    if (n < 1) {
      throw new IllegalArgumentException("n: " + n + "; use at least one value");
    }
    Samples.checked("mean, min, median, max", mean, min, median, max);
    if (!(min <= median && median <= max && min <= mean && mean <= max)) {
      throw new IllegalArgumentException(
          "min, mean, median, max: "
              + min
              + ", "
              + mean
              + ", "
              + median
              + ", "
              + max
              + "; mean and median must be between min and max");
    }
    boolean stdKnown = sampleStd >= 0 && Double.isFinite(sampleStd);
    if (n == 1 ? !Double.isNaN(sampleStd) : !stdKnown) {
      throw new IllegalArgumentException(
          "sampleStd: "
              + sampleStd
              + " for n = "
              + n
              + "; NaN for one value, else finite and >= 0");
    }
  }

  /**
   * The summary of all {@code values}, in any order.
   *
   * @throws IllegalArgumentException if there is none or one is NaN or infinite
   */
  public static Summary of(double... values) {
    double[] sorted = Samples.sorted("values", values);
    int n = sorted.length;
    double mean = mean(sorted);
    double median = n % 2 == 1 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
    return new Summary(n, mean, sampleStd(sorted, mean), sorted[0], median, sorted[n - 1]);
  }

  /**
   * Half the width of the 95 % t interval of the mean: the interval is mean ± this. NaN if n is 1.
   * Assumes independent, roughly normal values.
   */
  public double halfWidth95() {
    return StudentT.halfWidth95(n, sampleStd);
  }

  /** Offsets from the smallest value keep equal values exactly equal to their mean. */
  private static double mean(double[] sorted) {
    double min = sorted[0];
    double offsetSum = 0;
    for (double value : sorted) {
      offsetSum += value - min;
    }
    return Math.min(min + offsetSum / sorted.length, sorted[sorted.length - 1]);
  }

  private static double sampleStd(double[] sorted, double mean) {
    if (sorted.length < 2) {
      return Double.NaN;
    }
    double squareSum = 0;
    for (double value : sorted) {
      squareSum += (value - mean) * (value - mean);
    }
    return Math.sqrt(squareSum / (sorted.length - 1));
  }
}
