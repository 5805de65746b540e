package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Chart;
import ai.cacheblend.orchestrator.page.chart.SweepCharts;
import ai.cacheblend.orchestrator.page.chart.TradeOffChart;
import ai.cacheblend.orchestrator.page.chart.TradeOffPoint;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.MetricNames;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Charts of quality against speed-up: one per data set of single runs, one per shape of sweeps. */
final class TradeOffs {
  private TradeOffs() {}

  static List<Chart> of(List<NamedResult> all, ArmStyles styles) {
    List<SweepResult> sweeps = all.stream().flatMap(NamedResult::sweep).toList();
    List<NamedResult> single =
        all.stream()
            .filter(run -> sweeps.stream().noneMatch(sweep -> sweep.contains(run.run())))
            .toList();
    List<Chart> charts = new ArrayList<>();
    for (NamedResult run : single) {
      run.quality().forEach(quality -> add(charts, single, run, quality, styles));
      run.sweep().forEach(sweep -> charts.addAll(sweep(all, run, sweep, styles)));
    }
    return charts;
  }

  private static List<Chart> sweep(
      List<NamedResult> all, NamedResult named, SweepResult sweep, ArmStyles styles) {
    List<TtftResult> parts =
        all.stream().flatMap(NamedResult::ttft).filter(sweep::contains).toList();
    return SweepCharts.tradeOffs(
        named.name(),
        sweep,
        named.earlierSweep().map(SweepResult::points).orElse(List.of()),
        point ->
            parts.stream()
                .filter(
                    part ->
                        part.header().plan().path("chunk_tokens").asInt()
                            == point.shape().chunkTokens())
                .findFirst()
                .flatMap(part -> bound(part, point.arm(), point.shape().length())),
        MetricNames::label,
        styles);
  }

  private static void add(
      List<Chart> charts,
      List<NamedResult> all,
      NamedResult named,
      QualityResult quality,
      ArmStyles styles) {
    if (quality.header().baseline().isEmpty() || quality.arms().isEmpty()) {
      return;
    }
    Optional<NamedResult> speed =
        all.stream()
            .filter(run -> run.ttft().anyMatch(ttft -> measures(ttft, quality)))
            .findFirst();
    Optional<TtftResult> ttft = speed.flatMap(run -> run.ttft().findFirst());
    Optional<TtftSummary.Row> row = ttft.flatMap(TradeOffs::longest);
    List<TradeOffPoint> points = points(quality, ttft, row);
    if (points.size() < 2) {
      return;
    }
    Optional<TtftResult> earlierSpeed = speed.flatMap(NamedResult::earlierTtft);
    List<TradeOffPoint> earlier =
        named
            .earlierQuality()
            .filter(e -> ttft.isEmpty() || earlierSpeed.isPresent())
            .map(e -> points(e, earlierSpeed, row.flatMap(r -> earlierRow(earlierSpeed, r))))
            .orElse(List.of())
            .stream()
            .filter(point -> point.difference().isPresent())
            .toList();
    charts.add(
        TradeOffChart.of(
            named.name() + "-trade-off",
            "Quality on " + quality.dataset() + " against speed-up",
            row.map(r -> "Speed: TTFT run, prompts of " + r.length() + " tokens.")
                .orElse("Speed: prompts of the data set."),
            points,
            earlier,
            MetricNames.label(quality.metric()),
            styles));
  }

  private static Optional<TtftSummary.Row> earlierRow(
      Optional<TtftResult> earlier, TtftSummary.Row row) {
    return earlier.flatMap(e -> e.row(row.length()));
  }

  /** Whether the TTFT run has every arm of the quality run, of the same model. */
  private static boolean measures(TtftResult ttft, QualityResult quality) {
    return model(ttft).equals(model(quality))
        && names(ttft).containsAll(names(quality))
        && longest(ttft).isPresent();
  }

  private static String model(Result run) {
    return run.header().model("fingerprint");
  }

  private static List<String> names(Result run) {
    return run.header().arms().stream().map(PlannedArm::definition).toList();
  }

  private static Optional<TtftSummary.Row> longest(TtftResult run) {
    return run.rows().stream()
        .filter(row -> row.n() > 0)
        .max(Comparator.comparingInt(TtftSummary.Row::length));
  }

  private static List<TradeOffPoint> points(
      QualityResult quality, Optional<TtftResult> ttft, Optional<TtftSummary.Row> row) {
    List<TradeOffPoint> points = new ArrayList<>();
    for (PlannedArm arm : quality.header().arms()) {
      Optional<QualitySummary.Arm> summary = Optional.ofNullable(quality.arms().get(arm.name()));
      Optional<SpeedUpStatistics> speedUp =
          ttft.isPresent()
              ? row.flatMap(r -> Optional.ofNullable(r.arms().get(arm.name())))
                  .flatMap(TtftSummary.Arm::speedUp)
              : SampleSpeeds.of(quality, arm.name()).map(SampleSpeeds::speedUp);
      if (summary.isPresent() && (arm.isBaseline() || speedUp.isPresent())) {
        Optional<Double> bound =
            ttft.isPresent()
                ? row.flatMap(r -> bound(ttft.get(), arm.name(), r.length()))
                : bound(quality, arm.name());
        points.add(
            new TradeOffPoint(arm.name(), speedUp, summary.get().armMinusFullPrefill(), bound));
      }
    }
    return points;
  }

  private static Optional<Double> bound(TtftResult run, String arm, int length) {
    return bound(
        run,
        arm,
        run.measured(length).stream()
            .filter(Trial::valid)
            .map(trial -> trial.armRun(arm))
            .toList());
  }

  private static Optional<Double> bound(QualityResult run, String arm) {
    return bound(
        run,
        arm,
        run.samples().stream().filter(Sample::valid).map(sample -> sample.armRun(arm)).toList());
  }

  private static Optional<Double> bound(Result run, String arm, List<ArmRun> armRuns) {
    return ArithmeticBound.of(run, arm, armRuns.stream().map(PromptRows::of).toList());
  }
}
