package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.TierPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Formats TTFT by tier. */
final class TierTable {
  private static final double MILLIS_PER_SECOND = 1e3;

  private TierTable() {}

  /** One table per prompt shape; nothing without tiers. */
  static String render(List<TierPoint> points, Columns columns) {
    if (points.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    for (SweepSummary.Shape shape : points.stream().map(TierPoint::shape).distinct().toList()) {
      text.append(TextLines.wrapped("TTFT by tier, " + SweepTable.shape(shape)))
          .append(table(points.stream().filter(p -> p.shape().equals(shape)).toList(), columns))
          .append('\n');
    }
    return text.append(
            """
            Tier: where the chunks were; after @ the limit of the rate of loading.
            Speed-up: geometric mean of full_prefill / arm, paired by prompt.
            / device: client TTFT divided by that with the chunks on the device, likewise.
            Hidden: share of the load during which compute did not wait, median.

            """)
        .toString();
  }

  private static String table(List<TierPoint> points, Columns columns) {
    List<String> header =
        new ArrayList<>(
            List.of("tier", "arm", "client TTFT, ms", "speed-up", "/ device", "hidden"));
    if (columns == Columns.ALL) {
      header.addAll(List.of("speed-up (95 %)", "/ device (95 %)", "n"));
    }
    TextTable table = new TextTable(columns, header);
    for (TierPoint point : points) {
      List<String> cells = new ArrayList<>();
      cells.add(point.place());
      cells.add(point.arm());
      cells.add(
          Numbers.spread(
              point.clientTtft().mean() * MILLIS_PER_SECOND,
              point.clientTtft().std() * MILLIS_PER_SECOND));
      cells.add(
          point
              .speedUp()
              .map(s -> s.resolved() ? Numbers.significant(s.geometricMean()) : "unresolved")
              .orElse(""));
      cells.add(point.overDevice().map(r -> Numbers.significant(r.geometricMean())).orElse(""));
      cells.add(hidden(point.hidden()));
      if (columns == Columns.ALL) {
        cells.add(point.speedUp().map(TierTable::interval).orElse(""));
        cells.add(point.overDevice().map(TierTable::interval).orElse(""));
        cells.add(Integer.toString(point.clientTtft().n()));
      }
      table.row(cells);
    }
    return table.render();
  }

  private static String hidden(OptionalDouble share) {
    return share.isPresent() ? Numbers.percent(share.getAsDouble()) + " %" : "";
  }

  private static String interval(SpeedUpStatistics ratio) {
    return Numbers.interval(ratio.geometricMean(), ratio.low95(), ratio.high95());
  }
}
