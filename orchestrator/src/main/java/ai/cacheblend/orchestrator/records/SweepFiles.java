package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.run.SweepSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of a sweep: {@code plan.json} and {@code result.json} of the whole, and a folder for
 * each of its parts, which is a run like any other.
 */
public final class SweepFiles {
  private final Path folder;
  private final PlanFile file;

  private SweepFiles(Path folder, PlanFile file) {
    this.folder = folder;
    this.file = file;
  }

  /** Opens the folder of a sweep; {@code resume} goes on with the one that is there. */
  public static SweepFiles open(
      Path folder, SweepPlan plan, List<String> parts, Environment environment, boolean resume) {
    PlanFile file = PlanFile.ofParts("sweep", PlanJson.of(plan), environment);
    if (resume) {
      PlanFile before = PlanFile.read(folder);
      before.requireSame(file);
      return new SweepFiles(folder, before);
    }
    RecordFolder.removeResult(folder);
    // What an earlier sweep left would pass for begun, or ended, by this one.
    for (String part : parts) {
      Json.removeFile(folder.resolve(part).resolve(PlanFile.NAME));
      RecordFolder.removeResult(folder.resolve(part));
    }
    file.write(folder);
    return new SweepFiles(folder, file);
  }

  /** The folder of a part. */
  public Path part(String name) {
    return folder.resolve(name);
  }

  /** Whether a part was begun, so that it can be resumed. */
  public boolean begun(String part) {
    return Files.exists(part(part).resolve(PlanFile.NAME));
  }

  /** The figures of the sweep. */
  public void result(
      SweepPlan plan, Environment environment, List<String> parts, SweepSummary summary) {
    Json.writeFile(
        folder.resolve(RecordFolder.RESULT),
        Json.pretty(SweepJson.result(plan, file, environment, parts, summary)));
  }
}
