package ai.cacheblend.worker.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Detects changed files. Links are followed, because mounted secrets are replaced by a change of a
 * link. One thread.
 */
final class FileStamps {
  private record Stamp(Object fileKey, Object modified, long byteCount) {}

  private final List<Path> files;
  private List<Stamp> last = List.of();

  FileStamps(List<Path> files) {
    this.files = List.copyOf(files);
  }

  /** Whether a file has changed since the last call; true for the first call. */
  boolean changed() {
    List<Stamp> now = new ArrayList<>();
    for (Path file : files) {
      now.add(stamp(file));
    }
    boolean changed = !Objects.equals(now, last);
    last = now;
    return changed;
  }

  private static Stamp stamp(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
    } catch (IOException e) {
      return new Stamp(null, e.getClass().getName(), 0);
    }
  }
}
