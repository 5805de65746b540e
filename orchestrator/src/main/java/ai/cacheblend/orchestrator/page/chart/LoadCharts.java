package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The charts of a load run. */
public final class LoadCharts {
  private static final String NOTE =
      "Line with marks: %s, with its 95 %% interval by the block bootstrap. A percentile is left"
          + " out where there are too few values for it.";

  private LoadCharts() {}

  /** TTFT and ITL against load, TTFT against throughput, hit rate over time. */
  public static List<Chart> of(String id, LoadResult run, ArmStyles styles) {
    List<LoadSummary.Level> levels = run.summary().levels();
    if (levels.isEmpty()) {
      return List.of();
    }
    String load = levels.get(0).loadUnit();
    List<Chart> charts = new ArrayList<>();
    charts.add(
        chart(
            id + "-ttft",
            new LoadLatencyChart.Subject(
                "Time to first token under load",
                "TTFT",
                level -> level.latencies().ttft(),
                50,
                90,
                load,
                LoadSummary.Level::load,
                limit(run, "ttft", 0.9),
                run.summary().capacities()),
            levels,
            styles));
    charts.add(
        chart(
            id + "-itl",
            new LoadLatencyChart.Subject(
                "Time between tokens under load",
                "ITL",
                level -> level.latencies().itl(),
                50,
                99,
                load,
                LoadSummary.Level::load,
                limit(run, "itl", 0.99),
                run.summary().capacities()),
            levels,
            styles));
    charts.add(
        chart(
            id + "-throughput",
            new LoadLatencyChart.Subject(
                "Time to first token against throughput",
                "TTFT",
                level -> level.latencies().ttft(),
                50,
                90,
                "answers per second",
                level -> level.throughput().requestsPerSecond(),
                limit(run, "ttft", 0.9),
                List.of()),
            levels,
            styles));
    HitRateChart.of(id + "-hit-rate", levels, styles).ifPresent(charts::add);
    return charts;
  }

  private static Chart chart(
      String id,
      LoadLatencyChart.Subject subject,
      List<LoadSummary.Level> levels,
      ArmStyles styles) {
    return new Chart(
        id,
        subject.title(),
        Numbers.text(NOTE, "p" + subject.upper()),
        new LoadLatencyChart(subject, levels, styles)::draw);
  }

  /** The limit on the percentile that is drawn; a limit on another one would be misread. */
  private static Optional<LoadSummary.Limit> limit(LoadResult run, String metric, double share) {
    return run.summary().limits().stream()
        .filter(limit -> limit.metric().equals(metric) && Math.abs(limit.share() - share) < 1e-9)
        .findFirst();
  }
}
