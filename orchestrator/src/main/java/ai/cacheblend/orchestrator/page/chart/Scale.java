package ai.cacheblend.orchestrator.page.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/**
 * Maps values to positions on an axis.
 *
 * @param low lowest value of the axis
 * @param high highest value of the axis
 * @param ticks labelled values, ascending, all between low and high
 */
record Scale(DoubleUnaryOperator position, double low, double high, List<Double> ticks) {
  private static final double[] NICE = {1, 2, 5, 10};

  Scale {
    ticks = List.copyOf(ticks);
  }

  double at(double value) {
    return position.applyAsDouble(value);
  }

  /** The position of {@code value}, clamped to the axis. */
  double clamped(double value) {
    return at(Math.min(Math.max(value, low), high));
  }

  boolean contains(double value) {
    return value >= low && value <= high;
  }

  /** Linear, from {@code low} at {@code from} to {@code high} at {@code to}. */
  static Scale linear(double low, double high, double from, double to, int tickCount) {
    double step = niceStep((high - low) / tickCount);
    List<Double> ticks = new ArrayList<>();
    for (double i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
      ticks.add(i * step + 0.0); // avoids -0
    }
    return new Scale(value -> from + (value - low) / (high - low) * (to - from), low, high, ticks);
  }

  /** Logarithmic. All values must be positive. */
  static Scale log(double low, double high, double from, double to, int maxTickCount) {
    double logLow = Math.log(low);
    double logHigh = Math.log(high);
    return new Scale(
        value -> from + (Math.log(value) - logLow) / (logHigh - logLow) * (to - from),
        low,
        high,
        logTicks(low, high, maxTickCount));
  }

  private static List<Double> logTicks(double low, double high, int maxCount) {
    for (double[] digits : new double[][] {{1, 1.5, 2, 3, 4, 5, 7}, {1, 2, 5}, {1, 3}, {1}}) {
      List<Double> ticks = new ArrayList<>();
      for (int power = (int) Math.floor(Math.log10(low)); Math.pow(10, power) <= high; power++) {
        double decade = Math.pow(10, power);
        Arrays.stream(digits)
            .map(digit -> digit * decade)
            .filter(tick -> tick >= low && tick <= high)
            .forEach(ticks::add);
      }
      if (ticks.size() <= maxCount) {
        return ticks;
      }
    }
    return List.of();
  }

  private static double niceStep(double atLeast) {
    double decade = Math.pow(10, Math.floor(Math.log10(atLeast)));
    return DoubleStream.of(NICE)
        .map(digit -> digit * decade)
        .filter(step -> step >= atLeast * (1 - 1e-9))
        .findFirst()
        .orElseThrow();
  }
}
