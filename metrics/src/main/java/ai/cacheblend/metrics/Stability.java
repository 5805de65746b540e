package ai.cacheblend.metrics;

/**
 * How far a series of measurements still moves.
 *
 * @param mean of the series
 * @param drift how far the least-squares line runs from the first value to the last, in the unit of
 *     the values; negative where they fall
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
      throw new IllegalArgumentException(
          "values: " + values.length + "; a drift is told from a spread by three or more");
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

  /** Whether neither drift nor spread is more than {@code allowance}, in the unit of the values. */
  public boolean within(double allowance) {
    return worst() <= allowance;
  }

  /** The larger of drift, whatever its direction, and spread. */
  public double worst() {
    return Math.max(Math.abs(drift), spread);
  }
}
