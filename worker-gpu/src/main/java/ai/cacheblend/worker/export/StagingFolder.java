package ai.cacheblend.worker.export;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import ai.cacheblend.worker.model.ModelManifest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder {@code OUT.partial} in which a model is written. {@link #publish} renames it to {@code
 * OUT}, so that nothing can load an incomplete model. Closing an unpublished folder deletes it.
 */
final class StagingFolder implements AutoCloseable {

  private static final String SUFFIX = ".partial";

  private final Path path;
  private final Path out;
  private final FileChannel weights;
  private boolean published;

  private StagingFolder(Path path, Path out, FileChannel weights) {
    this.path = path;
    this.out = out;
    this.weights = weights;
  }

  /** Refuses, before anything is written, a path to which the folder could not be published. */
  static void check(Path out, long byteCount) throws IOException {
    if (out.getFileName() == null) {
      throw new ExportException(out + " cannot be the output folder");
    }
    Path existing = out;
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw new ExportException(existing + " is not a directory; choose another --out");
    }
    if (existing.equals(out)) {
      if (!list(out).isEmpty()) {
        throw new ExportException(out + " is not empty; choose another --out or empty it");
      }
      if (!device(out).equals(device(out.getParent()))) {
        throw new ExportException(out + " is a mount point; choose a directory below it as --out");
      }
    }
    long free = existing.toFile().getUsableSpace();
    if (free < byteCount) {
      throw new ExportException(
          "%s needs %d bytes, its file system has %d free".formatted(out, byteCount, free));
    }
  }

  /** Files.getFileStore fails in containers whose list of mounts is incomplete. */
  private static Object device(Path path) throws IOException {
    return Files.getAttribute(path, "unix:dev");
  }

  static StagingFolder create(Path out) throws IOException {
    Path path = out.resolveSibling(out.getFileName() + SUFFIX);
    Files.createDirectories(path);
    Path weightsFile = path.resolve(ModelManifest.WEIGHTS_FILE);
    FileChannel weights = FileChannel.open(weightsFile, CREATE, WRITE);
    if (!locked(weights)) {
      weights.close();
      throw new ExportException("another export is writing " + path);
    }
    // A killed export leaves files behind.
    weights.truncate(0);
    for (Path stale : list(path)) {
      if (!stale.equals(weightsFile)) {
        Files.delete(stale);
      }
    }
    return new StagingFolder(path, out, weights);
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  Path path() {
    return path;
  }

  /** The weights file; closed with this folder. */
  FileChannel weights() {
    return weights;
  }

  /** Renames the complete folder to its final name. */
  void publish() throws IOException {
    Files.move(path, out, StandardCopyOption.ATOMIC_MOVE);
    published = true;
  }

  @Override
  public void close() throws IOException {
    weights.close();
    if (!published) {
      for (Path file : list(path)) {
        Files.delete(file);
      }
      try {
        Files.delete(path);
      } catch (NoSuchFileException e) {
        // Deleted concurrently.
      }
    }
  }
}
