package ai.cacheblend.worker.cli;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.hub.HubCache;
import ai.cacheblend.hub.HubException;
import ai.cacheblend.hub.Repository;
import ai.cacheblend.hub.Revision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the checkpoint that {@code --checkpoint} or {@code --model} names. */
final class CheckpointLocator {

  private final HubCache cache;

  CheckpointLocator(HubCache cache) {
    this.cache = requireNonNull(cache, "cache is null");
  }

  /** The directory itself, or the snapshot of that model's main branch in the cache. */
  Path locate(String directoryOrName) throws IOException {
    Path directory = Path.of(directoryOrName);
    if (Files.isDirectory(directory)) {
      return directory;
    }
    if (!Repository.isValidId(directoryOrName)) {
      throw new IOException(
          "%s is neither a directory nor a Hugging Face model name".formatted(directoryOrName));
    }
    try {
      return cache.require(Repository.model(directoryOrName), Revision.MAIN).folder();
    } catch (HubException e) {
      throw new IOException(
          "%s is not a directory, and %s".formatted(directoryOrName, e.getMessage()), e);
    }
  }

  /** A display name: the Hugging Face name, or the last part of the directory. */
  static String nameOf(String directoryOrName) {
    Path directory = Path.of(directoryOrName);
    if (!Files.isDirectory(directory)) {
      return directoryOrName;
    }
    Path last = directory.toAbsolutePath().normalize().getFileName();
    return last == null ? directoryOrName : last.toString();
  }
}
