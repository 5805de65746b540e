package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.QualitySummary;
import ai.cacheblend.orchestrator.run.SampleResult;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/** The files of a quality run: {@code plan.json}, {@code samples.jsonl}, {@code result.json}. */
public final class QualityFiles {
  private QualityFiles() {}

  /** Opens the folder of a run; {@code resume} goes on with the one that is there. */
  public static RecordFolder<SampleResult> open(
      Path folder, QualityPlan plan, Environment environment, boolean resume) {
    PlanFile file = PlanFile.begun("quality", PlanJson.of(plan), environment);
    SampleRows rows = new SampleRows(plan);
    return resume
        ? RecordFolder.resume(folder, rows, file, environment)
        : RecordFolder.begin(folder, rows, file);
  }

  /** The summary of the run. */
  public static void result(
      RecordFolder<SampleResult> folder,
      QualityPlan plan,
      Environment environment,
      QualitySummary summary,
      List<SampleResult> samples) {
    folder.writeResult(QualityJson.result(plan, folder.plan(), environment, summary, samples));
  }

  /** The summary of a gate: of the tested samples, with the verdict. */
  public static void result(
      RecordFolder<SampleResult> folder,
      QualityPlan plan,
      Environment environment,
      QualitySummary summary,
      List<SampleResult> samples,
      Gate gate) {
    ObjectNode json = QualityJson.result(plan, folder.plan(), environment, summary, samples);
    json.set("gate", GateJson.of(plan, gate));
    folder.writeResult(json);
  }
}
