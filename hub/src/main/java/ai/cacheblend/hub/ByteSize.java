package ai.cacheblend.hub;

import java.util.Locale;

/** Sizes with decimal units, as file browsers and network rates have them. */
final class ByteSize {

  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};
  private static final double STEP = 1000;

  private ByteSize() {}

  /** Three digits, for example {@code 14.5 GB}. */
  static String format(long bytes) {
    int unit = 0;
    double value = (double) bytes;
    while (Math.abs(value) >= STEP && unit < UNITS.length - 1) {
      value /= STEP;
      unit++;
    }
    int decimals = unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f %s", value, UNITS[unit]);
  }
}
