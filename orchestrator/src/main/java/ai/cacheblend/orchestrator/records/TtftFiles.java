package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.run.TtftSummary;
import ai.cacheblend.orchestrator.run.TtftTrial;
import java.nio.file.Path;
import java.util.List;

/** The files of a TTFT run: {@code plan.json}, {@code trials.jsonl}, {@code result.json}. */
public final class TtftFiles {
  private TtftFiles() {}

  /** Opens the folder of a run; {@code resume} goes on with the one that is there. */
  public static RecordFolder<TtftTrial> open(
      Path folder, TtftPlan plan, Environment environment, boolean resume) {
    PlanFile file = PlanFile.begun("ttft", PlanJson.of(plan), environment);
    TtftRows rows = new TtftRows(plan);
    return resume
        ? RecordFolder.resume(folder, rows, file, environment)
        : RecordFolder.begin(folder, rows, file);
  }

  /** The summary of the run. */
  public static void result(
      RecordFolder<TtftTrial> folder,
      TtftPlan plan,
      Environment environment,
      TtftSummary summary,
      List<TtftTrial> trials) {
    folder.writeResult(TtftJson.result(plan, folder.plan(), environment, summary, trials));
  }
}
