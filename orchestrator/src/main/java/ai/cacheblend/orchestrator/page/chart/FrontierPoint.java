package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One arm, and whether it is on the frontier; ends of intervals are NaN where not known. */
record FrontierPoint(
    String arm,
    double speedUp,
    double lowSpeedUp,
    double highSpeedUp,
    double score,
    double lowScore,
    double highScore,
    boolean onFrontier) {

  /** Of the arms of a sweep with one data set and prompt shape. */
  static List<FrontierPoint> of(List<SweepSummary.Point> points) {
    double fullScore =
        points.stream()
            .filter(point -> point.armMinusFullPrefill().isEmpty())
            .mapToDouble(point -> point.score().mean())
            .findFirst()
            .orElseThrow();
    return points.stream().map(point -> of(point, fullScore)).toList();
  }

  private static FrontierPoint of(SweepSummary.Point point, double fullScore) {
    Optional<SpeedUpStatistics> speedUp = point.speedUp();
    Optional<ScoreDifference> difference = point.armMinusFullPrefill();
    return new FrontierPoint(
        point.arm(),
        speedUp.map(SpeedUpStatistics::geometricMean).orElse(1.0),
        speedUp.map(SpeedUpStatistics::low95).orElse(Double.NaN),
        speedUp.map(SpeedUpStatistics::high95).orElse(Double.NaN),
        point.score().mean(),
        fullScore + difference.map(ScoreDifference::low95).orElse(Double.NaN),
        fullScore + difference.map(ScoreDifference::high95).orElse(Double.NaN),
        point.onFrontier());
  }

  /** Of the arms of a quality run, speed being that on its own prompts; none without a baseline. */
  static List<FrontierPoint> of(QualityResult run) {
    List<FrontierPoint> points = new ArrayList<>();
    Optional<PlannedArm> baseline = run.header().baseline();
    List<Sample> valid = run.samples().stream().filter(Sample::valid).toList();
    if (baseline.isEmpty() || valid.isEmpty()) {
      return points;
    }
    double[] full = ttfts(valid, baseline.get().name());
    double fullScore = run.arms().get(baseline.get().name()).scores().get(run.metric()).mean();
    for (PlannedArm arm : run.header().arms()) {
      double score = run.arms().get(arm.name()).scores().get(run.metric()).mean();
      Optional<ScoreDifference> difference = run.arms().get(arm.name()).armMinusFullPrefill();
      SpeedUp speedUp = SpeedUp.ofPairs(full, ttfts(valid, arm.name()));
      points.add(
          new FrontierPoint(
              arm.name(),
              speedUp.geometricMean(),
              speedUp.low95(),
              speedUp.high95(),
              score,
              fullScore + difference.map(ScoreDifference::low95).orElse(0.0),
              fullScore + difference.map(ScoreDifference::high95).orElse(0.0),
              false));
    }
    return points.stream()
        .map(point -> point.placed(points.stream().noneMatch(point::dominatedBy)))
        .toList();
  }

  private static double[] ttfts(List<Sample> samples, String arm) {
    return samples.stream()
        .mapToDouble(s -> s.armRun(arm).seconds(Measure.CLIENT_TTFT).orElseThrow())
        .toArray();
  }

  private boolean dominatedBy(FrontierPoint other) {
    return other.score >= score
        && other.speedUp >= speedUp
        && (other.score > score || other.speedUp > speedUp);
  }

  private FrontierPoint placed(boolean on) {
    return new FrontierPoint(arm, speedUp, lowSpeedUp, highSpeedUp, score, lowScore, highScore, on);
  }
}
