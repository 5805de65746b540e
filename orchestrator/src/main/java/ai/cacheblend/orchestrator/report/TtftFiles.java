package ai.cacheblend.orchestrator.report;

import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.run.RunListener;
import ai.cacheblend.orchestrator.run.TtftSummary;
import ai.cacheblend.orchestrator.run.TtftTrial;
import java.nio.file.Path;

/** Writes {@code trials.jsonl} as the run goes on, and {@code result.json} at its end. */
public final class TtftFiles implements RunListener<TtftTrial>, AutoCloseable {
  private final Path folder;
  private final JsonLines trials;

  public TtftFiles(Path folder) {
    this.folder = folder;
    this.trials = new JsonLines(folder.resolve("trials.jsonl"));
  }

  @Override
  public void finished(TtftTrial trial, double weight) {
    TtftJson.lines(trial).forEach(trials::write);
  }

  /** The summary of the run. */
  public void result(TtftPlan plan, Environment environment, TtftSummary summary) {
    Json.writeFile(
        folder.resolve("result.json"), Json.pretty(TtftJson.result(plan, environment, summary)));
  }

  @Override
  public void close() {
    trials.close();
  }
}
