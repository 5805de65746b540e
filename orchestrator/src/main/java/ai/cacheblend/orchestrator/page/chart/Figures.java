package ai.cacheblend.orchestrator.page.chart;

import java.util.Locale;

/** Figures as text. */
public final class Figures {
  private static final double MILLIS_PER_SECOND = 1e3;

  private Figures() {}

  public static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Seconds in ms, with unit. */
  public static String millis(double seconds) {
    return millisNumber(seconds) + " ms";
  }

  /** Seconds in ms. */
  public static String millisNumber(double seconds) {
    return text("%.2f", seconds * MILLIS_PER_SECOND);
  }

  public static String ratio(double value) {
    return text("%.2fx", value);
  }

  public static String score(double value) {
    return text("%.4f", value);
  }

  /** Both ends, or nothing where they are not known. */
  public static String interval(String format, double low, double high) {
    return Double.isFinite(low) ? text(format + "…" + format, low, high) : "";
  }

  /** A round number without needless zeros. */
  public static String tick(double value) {
    String plain = text("%.6f", value).replaceAll("0+$", "");
    return plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain;
  }

  static String tickSeconds(double seconds) {
    return seconds < 1 ? tick(seconds * MILLIS_PER_SECOND) + " ms" : tick(seconds) + " s";
  }
}
