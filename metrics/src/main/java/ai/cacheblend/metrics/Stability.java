package ai.cacheblend.metrics;

/**
 * Drift and spread of a series of measurements.
 *
 * @param mean of the series
 * @param drift change of the least-squares line from the first value to the last, in the unit of
 *     the values
 * @param spread sample standard deviation
 */
public record Stability(double mean, double drift, double spread) {

  /**
   * The stability of {@code values}, in the order they were measured.
   *
   * @throws IllegalArgumentException if there are fewer than three or one is NaN or infinite
   */
  public static Stability of(double... values) {
    if (values.length < 3) {
      throw new IllegalArgumentException("values: " + values.length + "; use three or more");
    }
    Summary summary = Summary.of(values);
    double middle = (values.length - 1) / 2.0;
    double slopeSum = 0;
    double squareSum = 0;
    for (int i = 0; i < values.length; i++) {
      slopeSum += (i - middle) * (values[i] - summary.mean());
      squareSum += (i - middle) * (i - middle);
    }
    double drift = slopeSum / squareSum * (values.length - 1);
    return new Stability(summary.mean(), drift, summary.sampleStd());
  }

  /** Whether neither drift nor spread exceeds {@code allowance}, in the unit of the values. */
  public boolean within(double allowance) {
    return worst() <= allowance;
  }

  /** The larger of absolute drift and spread. */
  public double worst() {
    return Math.max(Math.abs(drift), spread);
  }
}
