package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;

/**
 * Files of one commit on this machine.
 *
 * @param names paths inside the repository, sorted, at least one; all are in the snapshot
 */
public record LocalFiles(Snapshot snapshot, List<String> names) {

  public LocalFiles {
    requireNonNull(snapshot, "snapshot is null");
    if (names.isEmpty()) {
      throw new IllegalArgumentException("names are empty; give one or more");
    }
    names = names.stream().sorted().toList();
  }

  /** The files, in the order of the names. Each is a link into the cache. */
  public List<Path> paths() {
    return names.stream().map(name -> snapshot.folder().resolve(name)).toList();
  }
}
