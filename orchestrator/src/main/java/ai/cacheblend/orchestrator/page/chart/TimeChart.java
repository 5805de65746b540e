package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Parts of the time to first token: one bar per arm, one scale per length. */
public final class TimeChart {
  private static final double HEADING_HEIGHT = 26;
  private static final double ROW_HEIGHT = 37;
  private static final double BAR_HEIGHT = 13;
  private static final double TOTAL_WIDTH = 84;

  private static final String QUEUE = "queue";
  private static final String WAITED = "KV load, waited";
  private static final String PREFILL = "prefill or blend";
  private static final String FIRST_SAMPLE = "first sample";
  private static final String TRANSPORT = "transport";

  private final TtftResult run;
  private final ArmStyles styles;

  private TimeChart(TtftResult run, ArmStyles styles) {
    this.run = run;
    this.styles = styles;
  }

  public static Chart of(String id, TtftResult run, ArmStyles styles) {
    return new Chart(
        id,
        "Parts of the time to first token",
        "Means of the valid trials; each length has its own scale. Transport: client TTFT minus worker"
            + " queue and worker TTFT. KV load that overlaps with prefill is not shown; the time for which compute waited"
            + " for it is.",
        new TimeChart(run, styles)::draw);
  }

  /**
   * Mean seconds by part, in time order. Their sum is the mean client TTFT. KV load that overlaps
   * with prefill adds nothing to TTFT and is excluded; the time for which compute waited for it is
   * included. A negative part is a measurement fault, which the chart reports.
   */
  public static Map<String, Double> parts(TtftSummary.Arm arm) {
    double waited = mean(arm, Measure.WORKER_KV_LOAD_WAIT);
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put(QUEUE, mean(arm, Measure.WORKER_QUEUE));
    parts.put(WAITED, waited);
    parts.put(PREFILL, mean(arm, Measure.WORKER_PREFILL) - waited);
    parts.put(FIRST_SAMPLE, mean(arm, Measure.WORKER_FIRST_SAMPLE));
    parts.put(TRANSPORT, mean(arm, Measure.TRANSPORT));
    return parts;
  }

  private static double mean(TtftSummary.Arm arm, Measure measure) {
    return arm.time(measure).mean();
  }

  /** Lists the negative parts; empty if there are none. */
  private static String fault(Map<String, Double> parts) {
    String negative =
        parts.entrySet().stream()
            .filter(part -> part.getValue() < 0)
            .map(part -> part.getKey() + " " + Numbers.duration(part.getValue()))
            .collect(Collectors.joining(", "));
    return negative.isEmpty() ? "" : " FAULT, negative: " + negative;
  }

  private static String partClass(String part) {
    return "part-" + part.substring(0, part.contains(" ") ? part.indexOf(' ') : part.length());
  }

  private SvgTag draw(int width) {
    List<String> names = List.of(QUEUE, WAITED, PREFILL, FIRST_SAMPLE, TRANSPORT);
    Legend legend =
        new Legend(
            names.stream()
                .map(
                    part ->
                        new Legend.Entry(
                            part, (x, y) -> Svg.rect(x - 5, y - 5, 10, 10, partClass(part))))
                .toList(),
            width);
    List<TtftSummary.Row> rows = run.rows().stream().filter(row -> !row.arms().isEmpty()).toList();
    double height =
        legend.height()
            + rows.stream().mapToDouble(r -> HEADING_HEIGHT + ROW_HEIGHT * r.arms().size()).sum();
    SvgTag svg =
        Canvas.create(
                width, height + 4, "Parts of the time to first token, by arm and prompt length")
            .with(legend.drawing());
    double y = legend.height();
    for (TtftSummary.Row row : rows) {
      svg.with(Svg.text(0, y + 17, Svg.Anchor.START, "heading", row.length() + " tokens"));
      y += HEADING_HEIGHT;
      double longest =
          row.arms().values().stream().mapToDouble(a -> a.clientTtft().mean()).max().orElseThrow();
      for (PlannedArm arm : run.header().arms()) {
        svg.with(bar(arm.name(), row, (width - TOTAL_WIDTH) / longest, y));
        y += ROW_HEIGHT;
      }
    }
    return svg;
  }

  private SvgTag bar(String arm, TtftSummary.Row row, double pixelsPerSecond, double y) {
    TtftSummary.Arm statistics = row.arms().get(arm);
    SvgTag group =
        Svg.group(styles.colorClass(arm))
            .with(styles.marker(arm, 6, y + 7))
            .with(Svg.text(15, y + 11, Svg.Anchor.START, "label", arm));
    double x = 0;
    Map<String, Double> parts = parts(statistics);
    for (Map.Entry<String, Double> part : parts.entrySet()) {
      double width = Math.max(0, part.getValue()) * pixelsPerSecond;
      group.with(
          Svg.rect(x, y + 17, width, BAR_HEIGHT, partClass(part.getKey()))
              .hint(
                  Numbers.text(
                      "%s, %d tokens, %s: %s (%.1f %%)",
                      arm,
                      row.length(),
                      part.getKey(),
                      Numbers.duration(part.getValue()),
                      100 * part.getValue() / statistics.clientTtft().mean())));
      x += width;
    }
    return group.with(
        Svg.text(
            x + 6,
            y + 28,
            Svg.Anchor.START,
            "label",
            Numbers.duration(statistics.clientTtft().mean()) + fault(parts)));
  }
}
