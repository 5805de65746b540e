package ai.cacheblend.worker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import ai.cacheblend.hub.ModelFiles;
import ai.cacheblend.hub.UserDirectories;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import com.google.common.base.Ticker;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds the model folder that {@code --model} names. A checkpoint is first exported to the user's
 * cache.
 */
final class ModelLocator {
  /** A model folder; in the cache its graph may be of an older version of this program. */
  record Located(Path folder, boolean fromCache) {}

  private static final List<Integer> DEFAULT_CHECK_LAYERS = List.of(1);

  private final CheckpointLocator checkpoints;
  private final Path cache;
  private final Consumer<String> messages;

  ModelLocator(CheckpointLocator checkpoints, Path cache, Consumer<String> messages) {
    this.checkpoints = checkpoints;
    this.cache = cache;
    this.messages = messages;
  }

  static ModelLocator of(UserDirectories user, Consumer<String> messages) {
    return new ModelLocator(CheckpointLocator.ofProcess(System.err), exportCache(user), messages);
  }

  /** Where exported checkpoints are kept. */
  static Path exportCache(UserDirectories user) {
    return user.cache().resolve("cacheblend").resolve("models");
  }

  Located locate(String folderOrName) throws IOException {
    Path folder = checkpoints.locate(folderOrName, ModelFiles.ALL);
    if (Files.exists(folder.resolve(ModelManifest.MANIFEST_FILE)) || !isCheckpoint(folder)) {
      return new Located(folder, false);
    }
    Path exported = cache.resolve(identity(folder));
    createCache();
    // Workers that start at the same time wait for the one that exports.
    try (FileChannel lockFile =
        FileChannel.open(cache.resolve(exported.getFileName() + ".lock"), CREATE, WRITE)) {
      FileLock unused = lockFile.lock(); // released when the file is closed
      if (Files.exists(exported.resolve(ModelManifest.MANIFEST_FILE))) {
        messages.accept("using " + exported + ", an earlier export of " + folder);
      } else {
        messages.accept("exporting " + folder + " to " + exported);
        export(folder, CheckpointLocator.nameOf(folderOrName), exported);
      }
    }
    return new Located(exported, true);
  }

  private void createCache() throws IOException {
    try {
      Files.createDirectories(cache);
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be created (%s); set XDG_CACHE_HOME to a writable directory, or give the output"
                  .formatted(cache, e.getClass().getSimpleName())
              + " of cacheblend export as --model",
          e);
    }
  }

  private void export(Path checkpoint, String name, Path out) throws IOException {
    ModelManifest unused =
        new Exporter(new ExportLines(messages, Ticker.systemTicker()))
            .export(
                new ExportRequest(
                    checkpoint,
                    name,
                    out,
                    Dtype.FP32,
                    DEFAULT_CHECK_LAYERS,
                    OptionalLong.empty(),
                    Optional.empty(),
                    Set.of()));
  }

  /** A folder of transformers, or a {@code .gguf} file, or a folder that has one. */
  private static boolean isCheckpoint(Path path) throws IOException {
    if (Files.isRegularFile(path) || Files.exists(path.resolve("config.json"))) {
      return true;
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.anyMatch(file -> file.toString().endsWith(".gguf"));
    }
  }

  /**
   * A hash of names, sizes and times of the files: hashing the weights takes as long as an export.
   */
  private static String identity(Path checkpoint) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher().putInt(ModelManifest.FORMAT_VERSION);
    hasher.putString(checkpoint.toRealPath().toString(), UTF_8);
    try (Stream<Path> files =
        Files.isDirectory(checkpoint) ? Files.list(checkpoint) : Stream.of(checkpoint)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        hasher.putString(file.getFileName().toString(), UTF_8);
        hasher.putLong(Files.size(file)).putLong(Files.getLastModifiedTime(file).toMillis());
      }
    }
    return hasher.hash().toString().substring(0, 16);
  }
}
