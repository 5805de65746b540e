package ai.cacheblend.orchestrator.console;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Formats numbers for tables and sentences. */
final class Numbers {
  private static final int DIGITS = 3;
  private static final double MILLIS_PER_SECOND = 1e3;

  private Numbers() {}

  /** At least three significant digits; no exponent. */
  static String significant(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "-";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(DIGITS));
    int scale = rounded.scale() + DIGITS - rounded.precision();
    return scale >= 0
        ? rounded.setScale(scale).toPlainString()
        : String.format(Locale.ROOT, "%.0f", value);
  }

  static String millis(double seconds) {
    return significant(seconds * MILLIS_PER_SECOND);
  }

  /** {@code mean ± std}; only the mean if the deviation is unknown. */
  static String spread(double mean, double std) {
    return Double.isNaN(std) ? significant(mean) : significant(mean) + " ± " + significant(std);
  }

  /** {@code 3.10 (2.90 to 3.30)}; only the value if the interval is unknown. */
  static String interval(double value, double low, double high) {
    return Double.isNaN(low) || Double.isNaN(high)
        ? significant(value)
        : significant(value) + " (" + significant(low) + " to " + significant(high) + ")";
  }

  /** A score between 0 and 1. */
  static String score(double score) {
    return String.format(Locale.ROOT, "%.3f", score);
  }

  /** A share of the work, which may exceed 1; {@code -} if unknown. */
  static String budget(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%.3f", share) : "-";
  }

  static String scoreDifference(double difference) {
    return String.format(Locale.ROOT, "%+.3f", difference);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f", 100 * share);
  }
}
