package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.List;

/** Formats the result of a search for the highest rate. */
final class CapacityTable {
  private CapacityTable() {}

  /** One line per arm, then one sentence per pair of arms. */
  static String render(LoadSummary summary, Columns columns) {
    StringBuilder text = new StringBuilder();
    text.append(
        TextLines.wrapped(
            "Highest rate that meets " + summary.capacities().get(0).slo() + ", in requests/s:"));
    TextTable table =
        new TextTable(columns, List.of("arm", "rate", "95 %", "limited by", "slices"));
    for (LoadCapacity capacity : summary.capacities()) {
      table.row(
          List.of(
              capacity.arm(),
              capacity.estimate().map(e -> Numbers.significant(e.rate())).orElse("-"),
              interval(capacity),
              capacity.estimate().map(LoadCapacity.Estimate::limitedBy).orElse(""),
              Integer.toString(capacity.slices())));
    }
    text.append('\n').append(table.render()).append('\n');
    for (LoadSummary.CapacityRatio ratio : summary.capacityRatios()) {
      text.append(
          TextLines.wrapped(
              ratio.arm()
                  + " sustains "
                  + Numbers.significant(ratio.ratio())
                  + " times the rate of "
                  + ratio.baseline()
                  + " (95 %: "
                  + Numbers.significant(ratio.interval().low())
                  + " to "
                  + Numbers.significant(ratio.interval().high())
                  + ")."));
    }
    return text.toString();
  }

  private static String interval(LoadCapacity capacity) {
    if (Double.isInfinite(capacity.high())) {
      return "above " + Numbers.significant(capacity.low());
    }
    return capacity.estimate().isPresent()
        ? Numbers.significant(capacity.low()) + " to " + Numbers.significant(capacity.high())
        : "below " + Numbers.significant(capacity.high());
  }
}
