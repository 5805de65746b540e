package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.QualityPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Writes the files of a quality run: {@code plan.json}, {@code samples.jsonl}, {@code result.json}.
 */
public final class QualityFiles {
  private QualityFiles() {}

  /** Opens the folder of a new run, or of the run to resume. */
  public static RecordFolder<Sample> open(
      Path folder, QualityPlan plan, Environment environment, boolean resume) {
    PlanFile file = PlanFile.begun("quality", PlanJson.of(plan), environment);
    SamplesFile samples = new SamplesFile(file.planId());
    return resume
        ? RecordFolder.resume(
            folder,
            samples,
            new RecordFolder.Resuming<>(1, Sample::index, sample -> true),
            file,
            environment)
        : RecordFolder.begin(folder, samples, file);
  }

  /** Writes {@code result.json}. */
  public static void result(
      RecordFolder<Sample> folder,
      QualityPlan plan,
      Environment environment,
      QualitySummary summary,
      List<Sample> samples,
      Optional<GateDecision> gate) {
    folder.writeResult(
        QualityResultFile.json(plan, folder.plan(), environment, summary, samples, gate));
  }
}
