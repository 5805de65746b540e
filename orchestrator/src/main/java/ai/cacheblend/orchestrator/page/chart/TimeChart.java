package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.ArmFacts;
import ai.cacheblend.orchestrator.records.TtftRun;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the time to the first token goes: one bar per arm, a scale for each length. */
public final class TimeChart {
  private static final double HEADING_HEIGHT = 26;
  private static final double ROW_HEIGHT = 34;
  private static final double BAR_HEIGHT = 13;
  private static final double TOTAL_WIDTH = 84;

  private final TtftRun run;
  private final ArmStyles styles;

  private TimeChart(TtftRun run, ArmStyles styles) {
    this.run = run;
    this.styles = styles;
  }

  public static Chart of(String id, TtftRun run, ArmStyles styles) {
    return new Chart(
        id,
        "Where the time to first token goes",
        "Means of the trials that count; each length has its own scale. Transport is what the worker"
            + " does not account for: both network stacks and the wire.",
        new TimeChart(run, styles)::draw);
  }

  /** Mean seconds by part, in the order in which they pass; their sum is the mean client TTFT. */
  public static Map<String, Double> parts(TtftRun.Arm arm) {
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("queue", arm.queue().mean());
    parts.put("KV load", arm.kvLoad().mean());
    parts.put("prefill or blend", arm.prefill().mean() - arm.kvLoad().mean());
    parts.put("first sample", arm.firstSample().mean());
    parts.put("transport", arm.transport().mean());
    return parts;
  }

  private static String partClass(String part) {
    return "part-" + part.substring(0, part.contains(" ") ? part.indexOf(' ') : part.length());
  }

  private SvgTag draw(int width) {
    List<String> names =
        List.of("queue", "KV load", "prefill or blend", "first sample", "transport");
    Legend legend =
        new Legend(
            names, width, (part, at) -> Svg.rect(at[0] - 5, at[1] - 5, 10, 10, partClass(part)));
    List<TtftRun.Row> rows = run.rows().stream().filter(row -> !row.arms().isEmpty()).toList();
    double height =
        legend.height()
            + rows.stream().mapToDouble(r -> HEADING_HEIGHT + ROW_HEIGHT * r.arms().size()).sum();
    SvgTag svg =
        Canvas.create(width, height + 4, "Where the time goes, by arm and prompt length")
            .with(legend.drawing());
    double y = legend.height();
    for (TtftRun.Row row : rows) {
      svg.with(Svg.text(0, y + 17, Svg.Anchor.START, "heading", row.length() + " tokens"));
      y += HEADING_HEIGHT;
      double longest =
          row.arms().values().stream().mapToDouble(a -> a.clientTtft().mean()).max().orElseThrow();
      for (ArmFacts arm : run.facts().arms()) {
        svg.with(bar(arm.name(), row, (width - TOTAL_WIDTH) / longest, y));
        y += ROW_HEIGHT;
      }
    }
    return svg;
  }

  private SvgTag bar(String arm, TtftRun.Row row, double pixelsPerSecond, double y) {
    TtftRun.Arm figures = row.arms().get(arm);
    SvgTag group =
        Svg.group(styles.colorClass(arm))
            .with(styles.marker(arm, 6, y + 7, 4))
            .with(Svg.text(15, y + 11, Svg.Anchor.START, "label", arm));
    double x = 0;
    for (Map.Entry<String, Double> part : parts(figures).entrySet()) {
      double width = part.getValue() * pixelsPerSecond;
      group.with(
          Svg.rect(x, y + 15, width, BAR_HEIGHT, partClass(part.getKey()))
              .hint(
                  Figures.text(
                      "%s, %d tokens, %s: %s (%.1f %%)",
                      arm,
                      row.length(),
                      part.getKey(),
                      Figures.text("%.3f ms", part.getValue() * 1e3),
                      100 * part.getValue() / figures.clientTtft().mean())));
      x += Math.max(0, width);
    }
    return group.with(
        Svg.text(
            x + 6, y + 25, Svg.Anchor.START, "label", Figures.millis(figures.clientTtft().mean())));
  }
}
