package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.SweepPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes the files of a sweep: {@code plan.json} and {@code result.json}. Each part is a run in a
 * folder of its own.
 */
public final class SweepFiles {
  private final Path folder;
  private final PlanFile file;

  private SweepFiles(Path folder, PlanFile file) {
    this.folder = folder;
    this.file = file;
  }

  /** Opens the folder of a new sweep, or of the sweep to resume. */
  public static SweepFiles open(
      Path folder, SweepPlan plan, List<String> parts, Environment environment, boolean resume) {
    PlanFile file = PlanFile.ofParts("sweep", PlanJson.of(plan), environment);
    if (resume) {
      PlanFile before = PlanFile.read(folder);
      before.requireSame(file);
      return new SweepFiles(folder, before);
    }
    RecordFolder.removeStaleOutputs(folder);
    // With a stale plan.json, a part of an earlier sweep would be resumed as a part of this one.
    for (String part : parts) {
      Json.removeFile(folder.resolve(part).resolve(PlanFile.NAME));
      RecordFolder.removeStaleOutputs(folder.resolve(part));
    }
    file.write(folder);
    return new SweepFiles(folder, file);
  }

  /** The folder of a part. */
  public Path part(String name) {
    return folder.resolve(name);
  }

  /** Whether a part can be resumed. */
  public boolean begun(String part) {
    return Files.exists(part(part).resolve(PlanFile.NAME));
  }

  /** Writes {@code result.json}. */
  public void result(
      SweepPlan plan, Environment environment, List<String> parts, SweepSummary summary) {
    Json.writeFile(
        folder.resolve(RecordFolder.RESULT),
        Json.pretty(SweepResultFile.json(plan, file, environment, parts, summary)));
  }
}
