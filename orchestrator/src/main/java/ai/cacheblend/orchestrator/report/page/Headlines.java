package ai.cacheblend.orchestrator.report.page;

import static ai.cacheblend.orchestrator.report.chart.Figures.interval;
import static ai.cacheblend.orchestrator.report.chart.Figures.millis;
import static ai.cacheblend.orchestrator.report.chart.Figures.ratio;
import static ai.cacheblend.orchestrator.report.chart.Figures.text;
import static j2html.TagCreator.div;
import static j2html.TagCreator.p;
import static j2html.TagCreator.strong;

import ai.cacheblend.orchestrator.results.ArmFacts;
import ai.cacheblend.orchestrator.results.QualityRun;
import ai.cacheblend.orchestrator.results.SpeedUpFigures;
import ai.cacheblend.orchestrator.results.TtftRun;
import j2html.tags.specialized.DivTag;
import java.util.List;
import java.util.Optional;

/** The headline arm's figures at a glance: longest prompts, and each data set. */
final class Headlines {
  private Headlines() {}

  static DivTag of(List<ReportRun> runs) {
    DivTag tiles = div().withClass("tiles");
    for (ReportRun run : runs) {
      Optional<String> arm = run.run().facts().headline().map(ArmFacts::name);
      run.ttft().forEach(ttft -> arm.flatMap(a -> tile(ttft, a)).ifPresent(tiles::with));
      run.quality().forEach(quality -> arm.flatMap(a -> tile(quality, a)).ifPresent(tiles::with));
    }
    return tiles;
  }

  private static Optional<DivTag> tile(TtftRun run, String arm) {
    if (run.rows().isEmpty()) {
      return Optional.empty();
    }
    TtftRun.Row row = run.rows().get(run.rows().size() - 1);
    Optional<TtftRun.Arm> figures = Optional.ofNullable(row.arms().get(arm));
    return figures
        .flatMap(TtftRun.Arm::speedUp)
        .map(
            speedUp ->
                tile(
                    ratio(speedUp.geometricMean()),
                    text("%s sooner than full prefill at %d tokens", arm, row.length()),
                    detail(speedUp, figures.get())));
  }

  private static String detail(SpeedUpFigures speedUp, TtftRun.Arm arm) {
    return text(
        "95 %% %s%s; TTFT %s; %d blocks",
        interval("%.2f", speedUp.low95(), speedUp.high95()),
        speedUp.resolved() ? "" : ", not resolved",
        millis(arm.clientTtft().mean()),
        speedUp.n());
  }

  private static Optional<DivTag> tile(QualityRun run, String arm) {
    return Optional.ofNullable(run.arms().get(arm))
        .flatMap(QualityRun.Arm::difference)
        .map(
            loss ->
                tile(
                    text("%+.3f", -loss.mean()),
                    text("score of %s against full prefill on %s", arm, run.dataset()),
                    text(
                        "95 %% %s; %s %.3f; %d samples",
                        interval("%+.3f", -loss.high95(), -loss.low95()),
                        run.metric(),
                        run.arms().get(arm).scores().get(run.metric()).mean(),
                        loss.n())));
  }

  private static DivTag tile(String figure, String what, String detail) {
    return div(strong(figure), p(what), p(detail).withClass("note")).withClass("tile");
  }
}
