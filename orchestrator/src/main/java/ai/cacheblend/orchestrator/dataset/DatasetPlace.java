package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.LocalFiles;
import ai.cacheblend.hub.Repository;
import ai.cacheblend.hub.Revision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipFile;

/**
 * Where a repository holds a split of a data set.
 *
 * @param config as the {@code datasets} library names it; empty where the repository has only one
 * @param isDefault whether benchmarks use this configuration and split unless told otherwise
 * @param files paths or glob patterns, best first; several files are shards of the split
 * @param zipEntry entry to read where the file is an archive
 */
record DatasetPlace(
    Repository repository,
    Revision revision,
    String config,
    String split,
    Default isDefault,
    List<String> files,
    Optional<String> zipEntry) {
  /** Whether configuration and split are those of the data set's benchmarks. */
  record Default(boolean config, boolean split) {}

  DatasetPlace {
    files = List.copyOf(files);
  }

  boolean fits(DatasetRef dataset) {
    return dataset.config().map(config::equals).orElse(isDefault.config())
        && dataset.split().map(split::equals).orElse(isDefault.split());
  }

  /** The data in files of this place; empty if the archive has no such entry. */
  Optional<DataSource> source(LocalFiles local) {
    List<DataFile> found = local.paths().stream().map(DataFile::of).toList();
    Path first = local.paths().get(0);
    if (first.toString().endsWith(".zip")) {
      return zipEntry
          .filter(entry -> hasEntry(first, entry))
          .map(entry -> DataFile.zipEntry(first, entry));
    }
    boolean pair = found.size() == 2 && found.get(1).name().endsWith(".tgt");
    return Optional.of(pair ? new LinePairs(found.get(0), found.get(1)) : new Shards(found));
  }

  /** For messages. */
  String describe() {
    String shown = String.join(", ", files);
    return repository.id()
        + (revision.equals(Revision.MAIN) ? "" : "@" + revision.name())
        + " ("
        + zipEntry.map(entry -> shown.replace(".zip", ".zip!" + entry)).orElse(shown)
        + ")";
  }

  private static boolean hasEntry(Path zip, String entry) {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      return file.getEntry(entry) != null;
    } catch (IOException e) {
      throw new DatasetException(
          "Archive %s cannot be read: %s; download it again".formatted(zip, OneLine.of(e)), e);
    }
  }
}
