package ai.cacheblend.worker.cli;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.hub.Hub;
import ai.cacheblend.hub.HubException;
import ai.cacheblend.hub.ModelFiles;
import ai.cacheblend.hub.PullProgress;
import ai.cacheblend.hub.Repository;
import ai.cacheblend.hub.Revision;
import ai.cacheblend.hub.Snapshot;
import ai.cacheblend.hub.Terminal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the checkpoint that {@code --checkpoint} or {@code --model} names. */
final class CheckpointLocator {

  /** Has models by name. */
  interface Models {

    /** The main branch of a model, downloaded if necessary. */
    Snapshot find(Repository model, ModelFiles files) throws HubException;
  }

  private final Models models;

  CheckpointLocator(Models models) {
    this.models = requireNonNull(models, "models is null");
  }

  /** Uses the cache and the Hub of this process; shows downloads on {@code log}. */
  static CheckpointLocator ofProcess(PrintStream log) {
    return new CheckpointLocator(
        (model, files) -> {
          PullProgress.Style style =
              Terminal.isStandardError(System.getenv())
                  ? PullProgress.Style.TERMINAL
                  : PullProgress.Style.PLAIN;
          return Hub.of(System.getenv(), new PullProgress(style, log, System::nanoTime))
              .model(model, Revision.MAIN, files);
        });
  }

  /** The directory or {@code .gguf} file itself, or the model of that name. */
  Path locate(String directoryOrName, ModelFiles files) throws IOException {
    Path directory = Path.of(directoryOrName);
    if (Files.isDirectory(directory) || isGguf(directory)) {
      return directory;
    }
    if (!Repository.isValidId(directoryOrName)) {
      throw new IOException(
          "%s is neither a directory, a .gguf file nor a Hugging Face model name"
              .formatted(directoryOrName));
    }
    try {
      return models.find(Repository.model(directoryOrName), files).folder();
    } catch (HubException e) {
      throw new IOException(
          "%s is not a directory, and %s".formatted(directoryOrName, e.getMessage()), e);
    }
  }

  private static boolean isGguf(Path path) {
    return path.toString().endsWith(".gguf") && Files.isRegularFile(path);
  }

  /** A display name: the Hugging Face name, or the last part of the path. */
  static String nameOf(String directoryOrName) {
    Path directory = Path.of(directoryOrName);
    if (!Files.isDirectory(directory) && !isGguf(directory)) {
      return directoryOrName;
    }
    Path last = directory.toAbsolutePath().normalize().getFileName();
    return last == null ? directoryOrName : last.toString();
  }
}
