package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.HubCache;
import ai.cacheblend.hub.HubException;
import ai.cacheblend.hub.Snapshot;
import ai.cacheblend.hub.UserDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds data sets in the local cache of the Hugging Face libraries. */
final class CachedDatasets {
  private final HubCache hub;
  private final Path datasets;

  private CachedDatasets(HubCache hub, Path datasets) {
    this.hub = hub;
    this.datasets = datasets;
  }

  /** Those in the caches that the Hugging Face libraries would use. */
  static CachedDatasets of(UserDirectories user) {
    return new CachedDatasets(new HubCache(user.hubCache()), user.datasetsCache());
  }

  /**
   * The data set's first known file that is in the cache.
   *
   * @throws DatasetException if none is; the message names the repositories and files
   */
  DataFile find(String name) {
    List<CachedDataset> candidates = CachedDataset.of(name);
    for (CachedDataset candidate : candidates) {
      for (Snapshot snapshot : snapshots(candidate)) {
        Optional<DataFile> file = candidate.in(snapshot);
        if (file.isPresent()) {
          return file.get();
        }
      }
    }
    return extracted(name).orElseThrow(() -> notFound(name, candidates));
  }

  private List<Snapshot> snapshots(CachedDataset dataset) {
    try {
      return hub.all(dataset.repository());
    } catch (HubException e) {
      throw new DatasetException(e.getMessage(), e);
    }
  }

  /** What the {@code datasets} library unpacked from LongBench's archive. */
  private Optional<DataFile> extracted(String name) {
    return list(datasets.resolve("downloads").resolve("extracted")).stream()
        .map(folder -> folder.resolve("data").resolve(name + ".jsonl"))
        .filter(Files::isRegularFile)
        .findFirst()
        .map(DataFile::of);
  }

  private DatasetException notFound(String name, List<CachedDataset> candidates) {
    String searched =
        candidates.stream()
            .map(
                dataset ->
                    dataset.repository().id() + " (" + String.join(", ", dataset.files()) + ")")
            .collect(Collectors.joining("; "));
    String incomplete =
        candidates.stream()
            .flatMap(dataset -> snapshots(dataset).stream())
            .map(snapshot -> snapshot.folder().toString())
            .collect(Collectors.joining(", "));
    CachedDataset first = candidates.get(0);
    return new DatasetException(
        ("Data set %s is not in the Hugging Face cache %s: searched %s%s;"
                + " pass the path of a file instead of the name, or download it with: %s")
            .formatted(
                name,
                hub.root(),
                searched,
                incomplete.isEmpty() ? "" : "; snapshots without these files: " + incomplete,
                first.downloadCommand()));
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new DatasetException(
          "Hugging Face cache folder %s cannot be listed: %s".formatted(folder, OneLine.of(e)), e);
    }
  }
}
