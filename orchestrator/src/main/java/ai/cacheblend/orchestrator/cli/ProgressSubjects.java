package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.console.ProgressStep;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import java.util.List;

/** Progress display of each kind of run. */
final class ProgressSubjects {
  private static final double MILLIS_PER_SECOND = 1e3;

  private ProgressSubjects() {}

  static Progress.Subject<PlacedTrial> ttft(String title, List<String> workers) {
    return new Progress.Subject<>(title, workers, "%.2f", " ms", ProgressSubjects::step);
  }

  static Progress.Subject<Sample> quality(String title, List<String> workers) {
    return new Progress.Subject<>(title, workers, "%.4f", "", ProgressSubjects::step);
  }

  private static ProgressStep step(PlacedTrial placed) {
    Trial trial = placed.trial();
    boolean warmup = !trial.measured();
    String label =
        placed
                .place()
                .map(place -> warmup ? "warm-up, " + place : place + " at " + trial.length())
                .orElse((warmup ? "warm-up" : "trial") + " of " + trial.length() + " tokens")
            + (trial.valid() ? "" : ", INVALID");
    return new ProgressStep(
        trial.worker(), label, warmup || !trial.valid() ? List.of() : readings(placed));
  }

  /** Of several places, the device's only: a terminal has few lines. */
  private static List<ProgressStep.Reading> readings(PlacedTrial placed) {
    Trial trial = placed.trial();
    if (!placed.place().orElse(ChunkSource.DEVICE).equals(ChunkSource.DEVICE)) {
      return List.of();
    }
    return trial.armRuns().stream()
        .map(
            run ->
                new ProgressStep.Reading(
                    trial.length() + " tokens",
                    run.arm(),
                    run.seconds(Measure.CLIENT_TTFT).orElseThrow() * MILLIS_PER_SECOND))
        .toList();
  }

  private static ProgressStep step(Sample sample) {
    List<ProgressStep.Reading> readings =
        sample.valid()
            ? sample.armRuns().stream()
                .map(answer -> new ProgressStep.Reading("", answer.arm(), headlineScore(answer)))
                .toList()
            : List.of();
    String label = "sample " + sample.id() + (sample.valid() ? "" : ", INVALID");
    return new ProgressStep(sample.worker(), label, readings);
  }

  private static double headlineScore(ArmRun answer) {
    return answer.score().orElseThrow().byMetric().values().iterator().next();
  }
}
