package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.TtftPlan;
import java.nio.file.Path;
import java.util.List;

/** Writes the files of a TTFT run: {@code plan.json}, {@code trials.jsonl}, {@code result.json}. */
public final class TtftFiles {
  private TtftFiles() {}

  /** Opens the folder of a new run, or of the run to resume. */
  public static RecordFolder<Trial> open(
      Path folder, TtftPlan plan, Environment environment, boolean resume) {
    PlanFile file = PlanFile.begun("ttft", PlanJson.of(plan), environment);
    TrialsFile trials =
        new TrialsFile(file.planId(), trial -> plan.block(trial.length(), trial.trial()));
    return resume
        ? RecordFolder.resume(folder, trials, resuming(plan), file, environment)
        : RecordFolder.begin(folder, trials, file);
  }

  private static RecordFolder.Resuming<Trial> resuming(TtftPlan plan) {
    return new RecordFolder.Resuming<>(
        plan.arms().size(),
        trial ->
            trial.measured()
                ? plan.block(trial.length(), trial.trial())
                : List.of(trial.origin(), trial.length(), trial.trial()),
        Trial::measured);
  }

  /** Writes {@code result.json}. */
  public static void result(
      RecordFolder<Trial> folder,
      TtftPlan plan,
      Environment environment,
      TtftSummary summary,
      List<Trial> trials) {
    folder.writeResult(TtftResultFile.json(plan, folder.plan(), environment, summary, trials));
  }
}
