package ai.cacheblend.metrics;

import java.util.Arrays;

/** Checks of measured values. */
final class Samples {

  private Samples() {}

  /** A sorted copy of {@code values}, which must be finite and at least one. */
  static double[] sorted(String name, double... values) {
    double[] copy = checked(name, values).clone();
    Arrays.sort(copy);
    return copy;
  }

  /** Refuses a value outside [low, high], NaN included. */
  static void checkRange(String name, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          name + " is " + value + "; must be between " + low + " and " + high);
    }
  }

  static double[] checked(String name, double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException(name + ": empty; use at least one value");
    }
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            name + "[" + i + "]: " + values[i] + "; exclude failed trials and report their number");
      }
    }
    return values;
  }
}
