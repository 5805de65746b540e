package ai.cacheblend.metrics;

/** A closed interval of real numbers. */
public record Interval(double low, double high) {

  public Interval {
    Samples.checked("low, high", low, high);
    if (low > high) {
      throw new IllegalArgumentException(
          "low, high: " + low + ", " + high + "; low must not exceed high");
    }
  }

  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  public double width() {
    return high - low;
  }
}
