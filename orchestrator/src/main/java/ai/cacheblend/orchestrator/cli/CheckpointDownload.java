package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.hub.Hub;
import ai.cacheblend.hub.HubException;
import ai.cacheblend.hub.ModelFiles;
import ai.cacheblend.hub.Repository;
import ai.cacheblend.hub.Revision;
import ai.cacheblend.hub.Snapshot;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.plan.Defaults;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Downloads the model of a local worker before the worker starts. A download by the worker would
 * have no progress display and would count against the time limit of its start.
 */
final class CheckpointDownload {
  private CheckpointDownload() {}

  /** Does nothing for a directory or file, the embedded model, and what is no name. */
  static void run(String model, Console console) {
    if (model.equals(Defaults.MODEL)
        || !Repository.isValidId(model)
        || Files.exists(Path.of(model))) {
      return;
    }
    try {
      Snapshot snapshot =
          Hub.of(console.environment(), console.downloads())
              .model(Repository.model(model), Revision.MAIN, ModelFiles.ALL);
      if (console.progressStyle() != Progress.Style.SILENT) {
        console.err().println("starting a worker for " + model + " from " + snapshot.folder());
      }
    } catch (HubException e) {
      throw new LocalWorkerException(model + " is not a directory, and " + e.getMessage());
    }
  }
}
