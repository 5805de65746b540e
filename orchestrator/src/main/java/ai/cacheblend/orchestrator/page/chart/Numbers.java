package ai.cacheblend.orchestrator.page.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** Formats numbers with three significant digits and their units. Unknown values are empty. */
public final class Numbers {
  private static final int DIGITS = 3;
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final double MICROS_PER_SECOND = 1e6;
  private static final char MINUS = '\u2212';

  private Numbers() {}

  public static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Three significant digits without exponent: 936, 54.8, 8.81, 0.0123. */
  public static String three(double value) {
    if (!Double.isFinite(value)) {
      return "";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(DIGITS));
    int wholeDigits = rounded.precision() - rounded.scale();
    int scale = Math.max(0, DIGITS - wholeDigits);
    return minus(rounded.setScale(scale, RoundingMode.UNNECESSARY).toPlainString());
  }

  /** Seconds with a suitable unit. */
  public static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "";
    }
    double size = Math.abs(seconds);
    if (size >= 1) {
      return three(seconds) + " s";
    }
    return size >= 1e-3 || size == 0
        ? three(seconds * MILLIS_PER_SECOND) + " ms"
        : three(seconds * MICROS_PER_SECOND) + " µs";
  }

  /** Seconds in ms, without the unit. */
  public static String millis(double seconds) {
    return three(seconds * MILLIS_PER_SECOND);
  }

  public static String ratio(double value) {
    return Double.isFinite(value) ? three(value) + "x" : "";
  }

  /** A score between 0 and 1. */
  public static String score(double value) {
    return Double.isFinite(value) ? text("%.3f", value) : "";
  }

  /** A share of the work, which may exceed 1. */
  public static String budget(double share) {
    return score(share);
  }

  /** A difference of scores, with its sign. */
  public static String difference(double value) {
    if (!Double.isFinite(value)) {
      return "";
    }
    String text = text("%+.3f", value);
    return text.substring(1).equals("0.000") ? "0.000" : minus(text);
  }

  public static String percent(double share) {
    return text("%.0f %%", 100 * share);
  }

  /** Both ends; empty if unknown. */
  public static String interval(double low, double high, DoubleFunction<String> format) {
    return Double.isFinite(low) && Double.isFinite(high)
        ? format.apply(low) + " to " + format.apply(high)
        : "";
  }

  /** A tick label without trailing zeros. */
  public static String tick(double value) {
    String plain = text("%.6f", value).replaceAll("0+$", "");
    return minus(plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain);
  }

  static String tickSeconds(double seconds) {
    return seconds < 1 ? tick(seconds * MILLIS_PER_SECOND) + " ms" : tick(seconds) + " s";
  }

  private static String minus(String text) {
    return text.replace('-', MINUS);
  }
}
