package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.tiers.TierPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Formats from which bandwidth loading pays off, and the predicted TTFT by bandwidth. */
public final class TierPlanTable {
  private static final double BYTES_PER_MB = 1e6;
  private static final double BYTES_PER_GB = 1e9;

  private TierPlanTable() {}

  /**
   * Two tables of at most 80 characters per line with up to six bandwidths.
   *
   * @param bandwidths in bytes per second, ascending
   */
  public static String render(TierPlan plan, List<Double> bandwidths, Columns columns) {
    StringBuilder text = new StringBuilder();
    text.append(
        TextLines.wrapped(
            "%s (%s) on %s: %,d bytes of KV per token. Times in ms, bandwidths in GB/s."
                .formatted(plan.model(), plan.dtype(), plan.device(), plan.kvBytesPerToken())));
    text.append('\n').append(thresholds(plan, columns)).append('\n');
    text.append(
        TextLines.wrapped(
            "Loading is faster than full prefill from \"pays\" on, and within 5 % of KV on the"
                + " device from \"hidden\" on."));
    text.append('\n').append(predictions(plan, bandwidths, columns)).append('\n');
    text.append(
        TextLines.wrapped(
            "Predicted TTFT of "
                + plan.arm()
                + " by bandwidth, and the share of the cached rows whose recompute takes as long"
                + " as the load, where it is above the arm's. full: full prefill is faster."));
    return text.toString();
  }

  private static String thresholds(TierPlan plan, Columns columns) {
    TextTable table =
        new TextTable(
            columns, List.of("tokens", "KV MB", "full prefill", plan.arm(), "pays", "hidden"));
    for (TierPlan.Row row : plan.rows()) {
      table.row(
          List.of(
              Integer.toString(row.length()),
              Numbers.significant(row.kvBytes() / BYTES_PER_MB),
              Numbers.millis(row.fullSeconds()),
              Numbers.millis(row.deviceSeconds()),
              Numbers.significant(row.paysFrom() / BYTES_PER_GB),
              Numbers.significant(row.hiddenFrom() / BYTES_PER_GB)));
    }
    return table.render();
  }

  private static String predictions(TierPlan plan, List<Double> bandwidths, Columns columns) {
    List<String> header = new ArrayList<>(List.of("tokens"));
    bandwidths.forEach(rate -> header.add(Numbers.significant(rate / BYTES_PER_GB) + " GB/s"));
    TextTable table = new TextTable(columns, header);
    for (TierPlan.Row row : plan.rows()) {
      List<String> cells = new ArrayList<>(List.of(Integer.toString(row.length())));
      bandwidths.forEach(rate -> cells.add(cell(row, rate)));
      table.row(cells);
    }
    return table.render();
  }

  private static String cell(TierPlan.Row row, double bytesPerSecond) {
    if (!row.pays(bytesPerSecond)) {
      return "full";
    }
    String millis = Numbers.millis(row.seconds(bytesPerSecond));
    double free = row.freeRatio(bytesPerSecond);
    return free > row.ratio() ? millis + String.format(Locale.ROOT, " %.2f", free) : millis;
  }
}
