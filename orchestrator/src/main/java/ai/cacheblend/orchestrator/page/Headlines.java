package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Figures.interval;
import static ai.cacheblend.orchestrator.page.chart.Figures.millis;
import static ai.cacheblend.orchestrator.page.chart.Figures.ratio;
import static ai.cacheblend.orchestrator.page.chart.Figures.text;
import static ai.cacheblend.orchestrator.page.chart.Figures.tick;
import static j2html.TagCreator.div;
import static j2html.TagCreator.p;
import static j2html.TagCreator.strong;

import ai.cacheblend.orchestrator.page.chart.SweepCharts;
import ai.cacheblend.orchestrator.records.GateDecision;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import j2html.tags.specialized.DivTag;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The headline arm's figures at a glance: longest prompts, and each data set; of a sweep the
 * fastest arm that loses no quality.
 */
final class Headlines {
  private Headlines() {}

  static DivTag of(List<NamedResult> runs) {
    DivTag tiles = div().withClass("tiles");
    List<SweepResult> sweeps = runs.stream().flatMap(NamedResult::sweep).toList();
    for (NamedResult run : runs) {
      if (sweeps.stream().anyMatch(sweep -> sweep.contains(run.run()))) {
        continue;
      }
      run.sweep().forEach(sweep -> sweep.datasets().forEach(d -> tiles.with(tile(sweep, d))));
      Optional<String> arm = run.run().header().headline().map(PlannedArm::name);
      run.ttft().forEach(ttft -> arm.flatMap(a -> tile(ttft, a)).ifPresent(tiles::with));
      run.quality()
          .forEach(quality -> quality.gate().ifPresent(gate -> tiles.with(tile(quality, gate))));
      run.quality().forEach(quality -> arm.flatMap(a -> tile(quality, a)).ifPresent(tiles::with));
    }
    return tiles;
  }

  private static DivTag tile(SweepResult run, String dataset) {
    SweepSummary.Shape longest =
        run.shapes().stream()
            .max(Comparator.comparingInt(SweepSummary.Shape::length))
            .orElseThrow();
    String prompts = SweepCharts.words(longest);
    return run.points(dataset, longest).stream()
        .filter(point -> point.speedUp().isPresent())
        .filter(
            point -> point.armMinusFullPrefill().map(d -> d.verdict().equals("pass")).orElse(false))
        .max(Comparator.comparingDouble(point -> point.speedUp().orElseThrow().geometricMean()))
        .map(
            point ->
                tile(
                    ratio(point.speedUp().orElseThrow().geometricMean()),
                    text("%s, the fastest arm that passes on %s", point.arm(), dataset),
                    text(
                        "%s; TTFT %s%s",
                        prompts, millis(point.clientTtft().mean()), margin(run, dataset))))
        .orElseGet(
            () ->
                tile(
                    "none",
                    text("of the arms passes on %s", dataset),
                    prompts + margin(run, dataset)));
  }

  private static String margin(SweepResult run, String dataset) {
    return run.points().stream()
        .filter(point -> point.dataset().equals(dataset))
        .flatMap(point -> point.armMinusFullPrefill().stream())
        .findFirst()
        .map(d -> text("; margin %s, %d samples", tick(d.margin()), d.n()))
        .orElse("");
  }

  private static Optional<DivTag> tile(TtftResult run, String arm) {
    if (run.rows().isEmpty()) {
      return Optional.empty();
    }
    TtftSummary.Row row = run.rows().get(run.rows().size() - 1);
    Optional<TtftSummary.Arm> figures = Optional.ofNullable(row.arms().get(arm));
    return figures
        .flatMap(TtftSummary.Arm::speedUp)
        .map(
            speedUp ->
                tile(
                    ratio(speedUp.geometricMean()),
                    text("%s sooner than full prefill at %d tokens", arm, row.length()),
                    detail(speedUp, figures.get())));
  }

  private static String detail(SpeedUpStatistics speedUp, TtftSummary.Arm arm) {
    return text(
        "95 %% %s%s; TTFT %s; %d blocks",
        interval("%.2f", speedUp.low95(), speedUp.high95()),
        speedUp.resolved() ? "" : ", not resolved",
        millis(arm.clientTtft().mean()),
        speedUp.n());
  }

  private static DivTag tile(QualityResult run, GateDecision gate) {
    return tile(gate.verdict().replace('_', ' '), text("gate on %s", run.dataset()), gate.reason());
  }

  private static Optional<DivTag> tile(QualityResult run, String arm) {
    return Optional.ofNullable(run.arms().get(arm))
        .flatMap(QualitySummary.Arm::armMinusFullPrefill)
        .map(
            difference ->
                tile(
                    text("%+.3f", difference.mean()),
                    text("score of %s against full prefill on %s", arm, run.dataset()),
                    text(
                        "95 %% %s; %s %.3f; %d samples",
                        interval("%+.3f", difference.low95(), difference.high95()),
                        run.metric(),
                        run.arms().get(arm).scores().get(run.metric()).mean(),
                        difference.n())));
  }

  private static DivTag tile(String figure, String what, String detail) {
    return div(strong(figure), p(what), p(detail).withClass("note")).withClass("tile");
  }
}
