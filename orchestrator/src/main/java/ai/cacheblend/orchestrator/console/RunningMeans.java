package ai.cacheblend.orchestrator.console;

import ai.cacheblend.metrics.Summary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Current mean and 95 % interval of each arm, in the group that was measured last. */
final class RunningMeans {
  private final String valueFormat;
  private final String unit;
  private final Map<String, Map<String, List<Double>>> valuesByGroup = new LinkedHashMap<>();
  private String lastGroup = "";

  /**
   * @param valueFormat format of values and intervals, such as {@code %.2f}
   * @param unit suffix of values, including a leading space; may be empty
   */
  RunningMeans(String valueFormat, String unit) {
    this.valueFormat = valueFormat;
    this.unit = unit;
  }

  void add(List<ProgressStep.Reading> readings) {
    for (ProgressStep.Reading reading : readings) {
      lastGroup = reading.group();
      valuesByGroup
          .computeIfAbsent(reading.group(), group -> new LinkedHashMap<>())
          .computeIfAbsent(reading.arm(), arm -> new ArrayList<>())
          .add(reading.value());
    }
  }

  /** One line per arm, sorted by name: arms run in random order. */
  List<String> lines() {
    Map<String, List<Double>> arms = valuesByGroup.getOrDefault(lastGroup, Map.of());
    int width = arms.keySet().stream().mapToInt(String::length).max().orElse(0);
    return arms.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(arm -> line(arm.getKey(), width, arm.getValue()))
        .toList();
  }

  private String line(String arm, int width, List<Double> values) {
    Summary summary = Summary.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    String interval =
        summary.n() > 1
            ? " ± " + String.format(Locale.ROOT, valueFormat, summary.halfWidth95())
            : "";
    return String.format(
        Locale.ROOT,
        "  %-" + Math.max(1, width) + "s  " + valueFormat + "%s%s  n %d  %s",
        arm,
        summary.mean(),
        interval,
        unit,
        summary.n(),
        lastGroup);
  }
}
