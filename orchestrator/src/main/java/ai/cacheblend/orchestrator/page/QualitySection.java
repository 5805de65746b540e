package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Figures.interval;
import static ai.cacheblend.orchestrator.page.chart.Figures.score;
import static ai.cacheblend.orchestrator.page.chart.Figures.text;
import static ai.cacheblend.orchestrator.page.chart.Figures.tick;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.Statistics;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A quality run: charts, figures, an example. */
final class QualitySection {
  private QualitySection() {}

  static SectionTag of(String name, QualityResult run, RunCharts charts, ArmStyles styles) {
    SectionTag section = section(h2(title(run))).withId(name);
    run.gate().ifPresent(gate -> section.with(GateTables.of(gate, styles)));
    charts.figures().forEach(chart -> section.with(Html.chart(chart)));
    if (!run.arms().isEmpty()) {
      section.with(Html.dataTable(header(run), rows(run, styles)));
    }
    return section.with(ExampleSection.of(run, charts, styles));
  }

  private static String title(QualityResult run) {
    return run.gate()
        .map(gate -> "Gate on " + run.dataset() + ": " + gate.verdict().replace('_', ' '))
        .orElse("Answer quality on " + run.dataset());
  }

  private static List<String> metrics(QualityResult run) {
    return List.copyOf(run.arms().values().iterator().next().scores().keySet());
  }

  private static List<String> header(QualityResult run) {
    List<String> header = new ArrayList<>();
    header.add("arm");
    header.addAll(metrics(run));
    header.addAll(
        List.of(
            "arm − full prefill",
            "95 %",
            "permutation p",
            "verdict",
            "same answer",
            "first differing token",
            "n"));
    return header;
  }

  private static List<List<DomContent>> rows(QualityResult run, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (PlannedArm arm : run.header().arms()) {
      QualitySummary.Arm figures = run.arms().get(arm.name());
      List<DomContent> cells = new ArrayList<>();
      cells.add(Html.arm(arm.name(), styles));
      metrics(run)
          .forEach(
              metric -> cells.add(TagCreator.text(score(figures.scores().get(metric).mean()))));
      texts(figures).forEach(cell -> cells.add(TagCreator.text(cell)));
      cells.add(TagCreator.text(Integer.toString(run.summary().n())));
      rows.add(cells);
    }
    return rows;
  }

  private static List<String> texts(QualitySummary.Arm arm) {
    Optional<ScoreDifference> difference = arm.armMinusFullPrefill();
    return List.of(
        difference.map(d -> text("%+.4f", d.mean())).orElse(""),
        difference.map(d -> interval("%+.4f", d.low95(), d.high95())).orElse(""),
        difference
            .filter(d -> Double.isFinite(d.permutationP()))
            .map(d -> text("%.4f", d.permutationP()))
            .orElse(""),
        difference.map(QualitySection::verdict).orElse(""),
        arm.comparison().map(c -> text("%.0f %%", 100 * c.identicalShare())).orElse(""),
        arm.comparison()
            .flatMap(QualitySummary.Comparison::firstDivergence)
            .map(QualitySection::firstDivergence)
            .orElse(""));
  }

  private static String verdict(ScoreDifference difference) {
    return text(
        "%s (margin %s): %s",
        difference.verdictText(), tick(difference.margin()), difference.reason());
  }

  private static String firstDivergence(Statistics index) {
    return text("%.0f (median)", index.median());
  }
}
