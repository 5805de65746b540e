package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Figures.interval;
import static ai.cacheblend.orchestrator.page.chart.Figures.millisNumber;
import static ai.cacheblend.orchestrator.page.chart.Figures.ratio;
import static ai.cacheblend.orchestrator.page.chart.Figures.text;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A TTFT run: charts, figures, examples. */
final class TtftSection {
  private static final List<String> HEADER =
      List.of(
          "arm",
          "tokens",
          "client TTFT, ms",
          "95 %",
          "median",
          "min…max",
          "worker TTFT, ms",
          "speed-up",
          "95 %",
          "ratio of means",
          "n");

  private TtftSection() {}

  static SectionTag of(String name, TtftResult run, RunCharts charts, ArmStyles styles) {
    SectionTag section = section(h2(title(run))).withId(name);
    charts.figures().forEach(chart -> section.with(Html.chart(chart)));
    section.with(Html.dataTable(HEADER, rows(run, styles)));
    return section.with(ExampleSection.of(run, charts, styles));
  }

  private static String title(TtftResult run) {
    return text(
        "Time to first token in chunks of %d", run.header().plan().path("chunk_tokens").asInt());
  }

  private static List<List<DomContent>> rows(TtftResult run, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (TtftSummary.Row row : run.rows()) {
      for (PlannedArm arm : run.header().arms()) {
        List<DomContent> cells = new ArrayList<>();
        cells.add(Html.arm(arm.name(), styles));
        cells.add(TagCreator.text(Integer.toString(row.length())));
        texts(Optional.ofNullable(row.arms().get(arm.name())))
            .forEach(cell -> cells.add(TagCreator.text(cell)));
        cells.add(TagCreator.text(Integer.toString(row.n())));
        rows.add(cells);
      }
    }
    return rows;
  }

  private static List<String> texts(Optional<TtftSummary.Arm> arm) {
    if (arm.isEmpty()) {
      return List.of("no valid trial", "", "", "", "", "", "", "");
    }
    Statistics client = arm.get().clientTtft();
    Optional<SpeedUpStatistics> speedUp = arm.get().speedUp();
    return List.of(
        spread(client),
        interval("%.2f", client.low95() * 1e3, client.high95() * 1e3),
        millisNumber(client.median()),
        millisNumber(client.min()) + "…" + millisNumber(client.max()),
        spread(arm.get().workerTtft()),
        speedUp
            .map(s -> ratio(s.geometricMean()) + (s.resolved() ? "" : " (not resolved)"))
            .orElse(""),
        speedUp.map(s -> interval("%.2f", s.low95(), s.high95())).orElse(""),
        speedUp.map(s -> ratio(s.ratioOfMeans())).orElse(""));
  }

  private static String spread(Statistics statistics) {
    return millisNumber(statistics.mean())
        + (Double.isFinite(statistics.std()) ? text(" ± %.2f", statistics.std() * 1e3) : "");
  }
}
