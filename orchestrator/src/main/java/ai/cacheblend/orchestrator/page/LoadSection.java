package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.millis;
import static ai.cacheblend.orchestrator.page.chart.Numbers.text;
import static ai.cacheblend.orchestrator.page.chart.Numbers.three;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadSummary;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A load run: charts, then one row per level and arm. */
final class LoadSection {
  private static final List<String> HEADER =
      List.of(
          "arm",
          "load",
          "answers/s",
          "tokens/s",
          "TTFT p50, ms",
          "p90",
          "p99",
          "ITL p50, ms",
          "p99",
          "E2E p90, ms",
          "hit rate",
          "failed",
          "good/s",
          "objective");

  private LoadSection() {}

  static SectionTag of(String name, LoadResult run, RunCharts charts, ArmStyles styles) {
    SectionTag section = section(h2("Latency under load")).withId(name);
    if (!run.summary().limits().isEmpty()) {
      section.with(
          p(text(
                  "Objective: %s.",
                  run.summary().limits().stream()
                      .map(LoadSummary.Limit::text)
                      .collect(Collectors.joining(", "))))
              .withClass("note"));
    }
    charts.main().forEach(chart -> section.with(Html.chart(chart)));
    List<List<DomContent>> rows = new ArrayList<>();
    for (LoadSummary.Level level : run.summary().levels()) {
      rows.add(Html.row(Html.arm(level.arm(), styles), texts(level)));
    }
    return section.with(Html.dataTable(HEADER, rows));
  }

  private static List<String> texts(LoadSummary.Level level) {
    LoadSummary.Latencies latencies = level.latencies();
    LoadSummary.Throughput throughput = level.throughput();
    return List.of(
        level.loadText(),
        three(throughput.requestsPerSecond()),
        three(throughput.tokensPerSecond()),
        percentile(latencies.ttft(), 50),
        percentile(latencies.ttft(), 90),
        percentile(latencies.ttft(), 99),
        percentile(latencies.itl(), 50),
        percentile(latencies.itl(), 99),
        percentile(latencies.e2e(), 90),
        level.reuse().hitRate().map(Numbers::percent).orElse(""),
        text("%d of %d", level.counts().failed(), level.counts().requests()),
        throughput.goodput().map(Numbers::three).orElse(""),
        throughput.sloMet().map(met -> met ? "met" : "not met").orElse(""));
  }

  private static String percentile(Optional<LatencyStatistics> statistics, int percent) {
    return statistics.map(s -> millis(s.percentile(percent))).orElse("");
  }
}
