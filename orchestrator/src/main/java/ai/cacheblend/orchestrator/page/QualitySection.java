package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.interval;
import static ai.cacheblend.orchestrator.page.chart.Numbers.score;
import static ai.cacheblend.orchestrator.page.chart.Numbers.text;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.MetricNames;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A quality run: charts, statistics, changed answers, an example prompt. */
final class QualitySection {
  private QualitySection() {}

  static SectionTag of(String name, QualityResult run, RunCharts charts, ArmStyles styles) {
    SectionTag section = section(h2(title(run))).withId(name);
    run.gate().ifPresent(gate -> section.with(GateTables.of(gate, styles)));
    charts.main().forEach(chart -> section.with(Html.chart(chart)));
    if (!run.arms().isEmpty()) {
      section.with(Html.dataTable(header(run), rows(run, styles)));
    }
    return section
        .with(AnswersSection.of(run, styles))
        .with(ExampleSection.of(run, charts, styles));
  }

  private static String title(QualityResult run) {
    return run.gate()
            .map(gate -> "Gate on " + run.dataset() + ": " + gate.verdict().replace('_', ' '))
            .orElse("Answer quality on " + run.dataset())
        + run.chunkTokens().map(size -> text(", chunks of %d tokens", size)).orElse("")
        + (run.header().onDevice() ? "" : ", from the tier " + run.header().place());
  }

  private static List<String> metrics(QualityResult run) {
    return List.copyOf(run.arms().values().iterator().next().scores().keySet());
  }

  private static List<String> header(QualityResult run) {
    List<String> header = new ArrayList<>();
    header.add("arm");
    header.add("charged");
    metrics(run).forEach(metric -> header.add(MetricNames.label(metric)));
    header.addAll(
        List.of(
            "arm − full prefill",
            "95 %",
            "p",
            "verdict",
            "retention",
            "95 %",
            "identical",
            "first change",
            "n"));
    return header;
  }

  private static List<List<DomContent>> rows(QualityResult run, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (PlannedArm arm : run.header().arms()) {
      QualitySummary.Arm summary = run.arms().get(arm.name());
      List<String> texts = new ArrayList<>();
      texts.add(Numbers.budget(summary.chargedBudget()));
      metrics(run).forEach(metric -> texts.add(score(summary.scores().get(metric).mean())));
      texts.addAll(texts(summary));
      texts.add(Integer.toString(run.summary().n()));
      rows.add(Html.row(Html.arm(arm.name(), styles), texts));
    }
    return rows;
  }

  private static List<String> texts(QualitySummary.Arm arm) {
    Optional<ScoreDifference> difference = arm.armMinusFullPrefill();
    return List.of(
        difference.map(d -> Numbers.difference(d.mean())).orElse(""),
        difference.map(d -> interval(d.low95(), d.high95(), Numbers::difference)).orElse(""),
        difference
            .filter(d -> Double.isFinite(d.permutationP()))
            .map(d -> d.permutationP() < 0.001 ? "< 0.001" : text("%.3f", d.permutationP()))
            .orElse(""),
        difference.map(ScoreDifference::verdictText).orElse(""),
        arm.retention().map(Html::retention).orElse(""),
        arm.retention().map(Html::retentionInterval).orElse(""),
        arm.comparison().map(c -> Numbers.percent(c.identicalShare())).orElse(""),
        arm.comparison()
            .flatMap(QualitySummary.Comparison::firstDivergence)
            .map(index -> text("token %.0f", index.median() + 1))
            .orElse(""));
  }
}
