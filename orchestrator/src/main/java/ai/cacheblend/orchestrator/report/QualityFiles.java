package ai.cacheblend.orchestrator.report;

import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.QualitySummary;
import ai.cacheblend.orchestrator.run.RunListener;
import ai.cacheblend.orchestrator.run.SampleResult;
import java.nio.file.Path;

/** Writes {@code samples.jsonl} as the run goes on, and {@code result.json} at its end. */
public final class QualityFiles implements RunListener<SampleResult>, AutoCloseable {
  private final Path folder;
  private final JsonLines samples;

  public QualityFiles(Path folder) {
    this.folder = folder;
    this.samples = new JsonLines(folder.resolve("samples.jsonl"));
  }

  @Override
  public void finished(SampleResult sample, double weight) {
    samples.write(QualityJson.line(sample));
  }

  /** The summary of the run. */
  public void result(QualityPlan plan, Environment environment, QualitySummary summary) {
    Json.writeFile(
        folder.resolve("result.json"), Json.pretty(QualityJson.result(plan, environment, summary)));
  }

  @Override
  public void close() {
    samples.close();
  }
}
