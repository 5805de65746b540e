package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.page.chart.SweepCharts;
import ai.cacheblend.orchestrator.records.MetricNames;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Builds the overview of each arm from the runs of one model. */
final class Overviews {
  private Overviews() {}

  /** One per arm except full prefill: blending arms first; in a sweep, best arms first. */
  static List<ArmOverview> of(List<NamedResult> runs) {
    List<SweepResult> sweeps = runs.stream().flatMap(NamedResult::sweep).toList();
    List<NamedResult> single =
        runs.stream()
            .filter(run -> sweeps.stream().noneMatch(sweep -> sweep.contains(run.run())))
            .toList();
    List<String> arms =
        runs.stream()
            .flatMap(run -> run.run().header().arms().stream())
            .filter(arm -> !arm.isBaseline())
            .map(PlannedArm::name)
            .distinct()
            .toList();
    List<ArmOverview> overviews = new ArrayList<>();
    for (String arm : arms) {
      ArmOverview overview = of(single, arm);
      if (!overview.speeds().isEmpty() || !overview.qualities().isEmpty()) {
        overviews.add(overview);
      }
    }
    if (sweeps.isEmpty()) {
      List<String> blends =
          runs.stream()
              .flatMap(run -> run.run().header().arms().stream())
              .filter(arm -> arm.method().equals("cacheblend"))
              .map(PlannedArm::name)
              .toList();
      overviews.sort(Comparator.comparing(overview -> !blends.contains(overview.arm())));
    } else {
      overviews.sort(
          Comparator.comparing(Overviews::rank)
              .thenComparing(Comparator.comparingDouble(ArmOverview::speedUp).reversed()));
    }
    return overviews;
  }

  private static int rank(ArmOverview overview) {
    return switch (overview.safety()) {
      case SAFE -> 0;
      case CANNOT_TELL -> 1;
      case NOT_SAFE -> 2;
    };
  }

  private static ArmOverview of(List<NamedResult> runs, String arm) {
    List<ArmOverview.Speed> speeds = new ArrayList<>();
    List<ArmOverview.Quality> qualities = new ArrayList<>();
    for (NamedResult run : runs) {
      run.ttft().forEach(ttft -> speed(ttft, run.earlierTtft(), arm).ifPresent(speeds::add));
      run.quality()
          .forEach(
              quality -> quality(quality, run.earlierQuality(), arm).ifPresent(qualities::add));
      run.sweep().forEach(sweep -> add(speeds, qualities, sweep, run.earlierSweep(), arm));
    }
    if (speeds.isEmpty()) {
      runs.stream()
          .flatMap(NamedResult::quality)
          .forEach(quality -> speed(quality, arm).ifPresent(speeds::add));
    }
    return new ArmOverview(arm, speeds, qualities);
  }

  /** Speed-up at the longest length that has a valid trial. */
  private static Optional<ArmOverview.Speed> speed(
      TtftResult run, Optional<TtftResult> earlier, String arm) {
    return run.rows().stream()
        .filter(row -> speedUp(row, arm).isPresent())
        .max(Comparator.comparingInt(TtftSummary.Row::length))
        .map(
            row ->
                new ArmOverview.Speed(
                    row.length() + " tokens",
                    fullSeconds(run, row),
                    row.arms().get(arm).clientTtft().mean(),
                    speedUp(row, arm).orElseThrow(),
                    earlier
                        .flatMap(e -> e.row(row.length()))
                        .flatMap(before -> speedUp(before, arm))));
  }

  private static double fullSeconds(TtftResult run, TtftSummary.Row row) {
    return run.header()
        .baseline()
        .map(baseline -> row.arms().get(baseline.name()).clientTtft().mean())
        .orElse(Double.NaN);
  }

  private static Optional<SpeedUpStatistics> speedUp(TtftSummary.Row row, String arm) {
    return Optional.ofNullable(row.arms().get(arm)).flatMap(TtftSummary.Arm::speedUp);
  }

  /** Speed-up on the prompts of the data set, if the report has no TTFT run. */
  private static Optional<ArmOverview.Speed> speed(QualityResult run, String arm) {
    return SampleSpeeds.of(run, arm)
        .map(
            speeds ->
                new ArmOverview.Speed(
                    "prompts of " + run.dataset(),
                    speeds.fullSeconds(),
                    speeds.armSeconds(),
                    speeds.speedUp(),
                    Optional.empty()));
  }

  private static Optional<ArmOverview.Quality> quality(
      QualityResult run, Optional<QualityResult> earlier, String arm) {
    Optional<QualitySummary.Arm> summary = Optional.ofNullable(run.arms().get(arm));
    Optional<PlannedArm> baseline = run.header().baseline();
    return summary
        .flatMap(QualitySummary.Arm::armMinusFullPrefill)
        .map(
            difference ->
                new ArmOverview.Quality(
                    run.dataset(),
                    MetricNames.label(run.metric()),
                    run.arms().get(baseline.orElseThrow().name()).scores().get(run.metric()).mean(),
                    summary.get().scores().get(run.metric()).mean(),
                    summary.get().chargedBudget(),
                    difference,
                    summary.get().comparison().map(QualitySummary.Comparison::identicalShare),
                    earlier
                        .flatMap(e -> Optional.ofNullable(e.arms().get(arm)))
                        .flatMap(QualitySummary.Arm::armMinusFullPrefill)));
  }

  private static void add(
      List<ArmOverview.Speed> speeds,
      List<ArmOverview.Quality> qualities,
      SweepResult run,
      Optional<SweepResult> earlier,
      String arm) {
    Optional<SweepSummary.Shape> longest =
        run.shapes().stream().max(Comparator.comparingInt(SweepSummary.Shape::length));
    if (longest.isEmpty()) {
      return;
    }
    for (String dataset : run.datasets()) {
      List<SweepSummary.Point> points = run.points(dataset, longest.get());
      Optional<SweepSummary.Point> full =
          points.stream().filter(p -> p.armMinusFullPrefill().isEmpty()).findFirst();
      Optional<SweepSummary.Point> point =
          points.stream()
              .filter(p -> p.arm().equals(arm) && p.armMinusFullPrefill().isPresent())
              .findFirst();
      if (full.isEmpty() || point.isEmpty()) {
        continue;
      }
      Optional<SweepSummary.Point> before =
          earlier.flatMap(
              e ->
                  e.points(dataset, longest.get()).stream()
                      .filter(p -> p.arm().equals(arm))
                      .findFirst());
      if (speeds.isEmpty() && point.get().speedUp().isPresent()) {
        speeds.add(
            new ArmOverview.Speed(
                SweepCharts.words(longest.get()),
                full.get().clientTtft().mean(),
                point.get().clientTtft().mean(),
                point.get().speedUp().get(),
                before.flatMap(SweepSummary.Point::speedUp)));
      }
      qualities.add(
          new ArmOverview.Quality(
              dataset,
              MetricNames.label(point.get().metric()),
              full.get().score().mean(),
              point.get().score().mean(),
              point.get().chargedBudget(),
              point.get().armMinusFullPrefill().get(),
              Optional.empty(),
              before.flatMap(SweepSummary.Point::armMinusFullPrefill)));
    }
  }
}
