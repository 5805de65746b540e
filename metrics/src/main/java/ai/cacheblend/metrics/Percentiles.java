package ai.cacheblend.metrics;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.OptionalDouble;

/**
 * Percentiles by nearest rank, available only if there are enough values.
 *
 * <p>The value at fraction p is the smallest measured one that at least p of the values do not
 * exceed: always a value that was measured, never an interpolation. It is given only if a
 * distribution-free one-sided 95 % bound of the true percentile exists, that is if the largest of n
 * values lies above it with probability {@code 1 - p^n >= 0.95} (for p below one half, the smallest
 * below it): from 5 values for the median, 29 for p90, 59 for p95, 299 for p99.
 */
public final class Percentiles {

  private static final double MISS_PROBABILITY = 0.05;

  private final double[] sorted;

  private Percentiles(double[] sorted) {
    this.sorted = sorted;
  }

  /**
   * The percentiles of {@code values}, in any order.
   *
   * @throws IllegalArgumentException if there is no value or one is NaN or infinite
   */
  public static Percentiles of(double... values) {
    return new Percentiles(Samples.sorted("values", values));
  }

  /** Number of values that a percentile needs; {@code fraction} is 0.95 for p95. */
  public static int minimumCount(double fraction) {
    checkFraction(fraction);
    double farTail = Math.max(fraction, 1 - fraction);
    return (int) Math.ceil(Math.log(MISS_PROBABILITY) / Math.log(farTail));
  }

  /**
   * The value at {@code fraction} (0.95 for p95), or empty if there are fewer than {@link
   * #minimumCount} values.
   */
  public OptionalDouble at(double fraction) {
    if (sorted.length < minimumCount(fraction)) {
      return OptionalDouble.empty();
    }
    // Decimal arithmetic: as doubles, 0.55 * 100 exceeds 55 and selects the next rank.
    int rank =
        BigDecimal.valueOf(fraction)
            .multiply(BigDecimal.valueOf(sorted.length))
            .setScale(0, RoundingMode.CEILING)
            .intValueExact();
    return OptionalDouble.of(sorted[rank - 1]);
  }

  private static void checkFraction(double fraction) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "fraction: " + fraction + "; use a value between 0 and 1, for example 0.95 for p95");
    }
  }
}
