package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.console.ProgressStep;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import java.util.List;
import java.util.Locale;

/** Progress display of each kind of run. */
final class ProgressSubjects {
  private static final double MILLIS_PER_SECOND = 1e3;

  private ProgressSubjects() {}

  static Progress.Subject<Trial> ttft(String title, List<String> workers) {
    return new Progress.Subject<>(title, workers, "%.2f", " ms", ProgressSubjects::step);
  }

  static Progress.Subject<Sample> quality(String title, List<String> workers) {
    return new Progress.Subject<>(title, workers, "%.4f", "", ProgressSubjects::step);
  }

  private static ProgressStep step(Trial trial) {
    boolean warmup = !trial.measured();
    String label =
        String.format(
            Locale.ROOT,
            "%s of %d tokens%s",
            warmup ? "warm-up" : "trial",
            trial.length(),
            trial.valid() ? "" : ", INVALID");
    return new ProgressStep(
        trial.worker(), label, warmup || !trial.valid() ? List.of() : readings(trial));
  }

  private static List<ProgressStep.Reading> readings(Trial trial) {
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
