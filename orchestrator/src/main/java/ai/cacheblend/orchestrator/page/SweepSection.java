package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Figures.interval;
import static ai.cacheblend.orchestrator.page.chart.Figures.millisNumber;
import static ai.cacheblend.orchestrator.page.chart.Figures.ratio;
import static ai.cacheblend.orchestrator.page.chart.Figures.score;
import static ai.cacheblend.orchestrator.page.chart.Figures.text;
import static j2html.TagCreator.details;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Chart;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A sweep: quality against speed-up, speed-up by prompt shape, all points. */
final class SweepSection {
  /** Longer tables are closed at first. */
  private static final int OPEN_ROWS = 40;

  private static final List<String> HEADER =
      List.of(
          "arm",
          "chunks",
          "tokens",
          "data set",
          "client TTFT, ms",
          "speed-up",
          "95 %",
          "score",
          "arm − full prefill",
          "95 %",
          "verdict",
          "frontier");

  private SweepSection() {}

  static SectionTag of(String name, SweepResult run, RunCharts charts, ArmStyles styles) {
    SectionTag section = section(h2("Quality against speed-up")).withId(name);
    List<Chart> shown = new ArrayList<>();
    List<Chart> more = new ArrayList<>();
    int shapes = run.shapes().size();
    for (int i = 0; i < charts.figures().size(); i++) {
      boolean frontier = i < shapes * run.datasets().size();
      (frontier && i % shapes > 0 ? more : shown).add(charts.figures().get(i));
    }
    shown.forEach(chart -> section.with(Html.chart(chart)));
    if (!more.isEmpty()) {
      section.with(
          details(summary("Quality against speed-up with other prompts"), each(more, Html::chart)));
    }
    return section.with(table(run, styles));
  }

  private static DomContent table(SweepResult run, ArmStyles styles) {
    if (run.points().isEmpty()) {
      return p("No point: no prompt shape or no data set has a valid block.");
    }
    DivTag table = Html.dataTable(HEADER, rows(run, styles));
    return run.points().size() > OPEN_ROWS
        ? details(summary(text("All %d points", run.points().size())), table)
        : table;
  }

  private static List<List<DomContent>> rows(SweepResult run, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (SweepSummary.Point point : run.points()) {
      List<DomContent> cells = new ArrayList<>();
      cells.add(Html.arm(point.arm(), styles));
      texts(point).forEach(cell -> cells.add(TagCreator.text(cell)));
      rows.add(cells);
    }
    return rows;
  }

  private static List<String> texts(SweepSummary.Point point) {
    Optional<SpeedUpStatistics> speedUp = point.speedUp();
    Optional<ScoreDifference> difference = point.armMinusFullPrefill();
    return List.of(
        text("%d x %d", point.shape().chunkCount(), point.shape().chunkTokens()),
        Integer.toString(point.shape().length()),
        point.dataset(),
        millisNumber(point.clientTtft().mean())
            + (Double.isFinite(point.clientTtft().std())
                ? text(" ± %.2f", point.clientTtft().std() * 1e3)
                : ""),
        speedUp.map(s -> ratio(s.geometricMean())).orElse(""),
        speedUp.map(s -> interval("%.2f", s.low95(), s.high95())).orElse(""),
        score(point.score().mean()),
        difference.map(d -> text("%+.4f", d.mean())).orElse(""),
        difference.map(d -> interval("%+.4f", d.low95(), d.high95())).orElse(""),
        difference.map(ScoreDifference::verdictText).orElse(""),
        (point.onFrontier() ? "yes" : "no") + (point.resolved() ? "" : "?"));
  }
}
