package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.CachedFiles;
import ai.cacheblend.hub.Hub;
import ai.cacheblend.hub.HubCache;
import ai.cacheblend.hub.HubException;
import ai.cacheblend.hub.HubException.Reason;
import ai.cacheblend.hub.LocalFiles;
import ai.cacheblend.hub.PullListener;
import ai.cacheblend.hub.Repository;
import ai.cacheblend.hub.RepositoryFiles;
import ai.cacheblend.hub.Revision;
import ai.cacheblend.hub.Snapshot;
import ai.cacheblend.hub.UserDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds data sets in the local cache of the Hugging Face libraries, and then on the Hub. */
final class HubDatasets {

  /** Makes the client of the Hub when it is needed. */
  private interface Remote {
    RepositoryFiles connect() throws HubException;
  }

  /** Reasons to try the next repository. */
  private static final Set<Reason> ELSEWHERE =
      Set.of(Reason.NOT_FOUND, Reason.NO_ACCESS, Reason.NO_SUCH_FILE);

  private final HubCache cache;
  private final CachedFiles files;
  private final Path unpacked;
  private final Optional<Remote> remote;

  private HubDatasets(UserDirectories user, Optional<Remote> remote) {
    this.cache = new HubCache(user.hubCache());
    this.files = new CachedFiles(cache);
    this.unpacked = user.datasetsCache().resolve("downloads/extracted");
    this.remote = remote;
  }

  /** Those in the caches that the Hugging Face libraries would use. */
  static HubDatasets inCache(UserDirectories user) {
    return new HubDatasets(user, Optional.empty());
  }

  /** The same; others are downloaded. */
  static HubDatasets of(Map<String, String> environment, PullListener listener) {
    return new HubDatasets(
        UserDirectories.of(environment), Optional.of(() -> Hub.of(environment, listener)));
  }

  /**
   * The data set from the first known place that is in the cache, or else that can be downloaded.
   *
   * @throws DatasetException if there is none; the message names the repositories and files
   */
  DataSource find(DatasetRef dataset) {
    List<DatasetPlace> all = DatasetTable.places(dataset);
    List<DatasetPlace> places = all.stream().filter(place -> place.fits(dataset)).toList();
    if (places.isEmpty()) {
      throw unknown(dataset, all);
    }
    return places.stream()
        .flatMap(place -> cached(place).stream())
        .findFirst()
        .or(() -> extracted(places))
        .or(() -> downloaded(dataset, places))
        .orElseThrow(() -> notFound(dataset, places));
  }

  /** Of any commit in the cache, the one of the revision first. */
  private Optional<DataSource> cached(DatasetPlace place) {
    Repository repository = place.repository();
    for (Snapshot snapshot : snapshots(place)) {
      try {
        LocalFiles found = files.find(repository, new Revision(snapshot.commit()), place.files());
        Optional<DataSource> source = place.source(found);
        if (source.isPresent()) {
          return source;
        }
      } catch (HubException e) {
        if (e.reason() == Reason.CACHE) {
          throw new DatasetException(e.getMessage(), e);
        }
      }
    }
    return Optional.empty();
  }

  private List<Snapshot> snapshots(DatasetPlace place) {
    try {
      return cache.all(place.repository());
    } catch (HubException e) {
      throw new DatasetException(e.getMessage(), e);
    }
  }

  /** What the {@code datasets} library unpacked from LongBench's archive. */
  private Optional<DataSource> extracted(List<DatasetPlace> places) {
    List<String> entries =
        places.stream().flatMap(place -> place.zipEntry().stream()).distinct().toList();
    return list(unpacked).stream()
        .flatMap(folder -> entries.stream().map(folder::resolve))
        .filter(Files::isRegularFile)
        .findFirst()
        .map(DataFile::of);
  }

  /** Empty without a client. What one place has not, another may have. */
  private Optional<DataSource> downloaded(DatasetRef dataset, List<DatasetPlace> places) {
    if (remote.isEmpty()) {
      return Optional.empty();
    }
    Set<String> failures = new LinkedHashSet<>();
    try {
      RepositoryFiles hub = remote.get().connect();
      for (DatasetPlace place : places) {
        try {
          Optional<DataSource> source =
              place.source(hub.find(place.repository(), place.revision(), place.files()));
          if (source.isPresent()) {
            return source;
          }
        } catch (HubException e) {
          if (!ELSEWHERE.contains(e.reason())) {
            throw e;
          }
          failures.add(e.getMessage());
        }
      }
    } catch (HubException e) {
      if (e.reason() == Reason.OFFLINE) {
        return Optional.empty();
      }
      throw new DatasetException("data set %s: %s".formatted(dataset, e.getMessage()), e);
    }
    throw new DatasetException(
        "data set %s is in no repository that can be read: %s; pass the path of a file instead"
            .formatted(dataset, String.join("; ", failures)));
  }

  private static DatasetException unknown(DatasetRef dataset, List<DatasetPlace> all) {
    return new DatasetException(
        "data set %s has no such split; it has the configurations %s with the splits %s"
            .formatted(
                dataset,
                all.stream()
                    .map(DatasetPlace::config)
                    .filter(c -> !c.isEmpty())
                    .distinct()
                    .toList(),
                new TreeSet<>(all.stream().map(DatasetPlace::split).toList())));
  }

  private DatasetException notFound(DatasetRef dataset, List<DatasetPlace> places) {
    String incomplete =
        places.stream()
            .flatMap(place -> snapshots(place).stream())
            .map(snapshot -> snapshot.folder().toString())
            .distinct()
            .collect(Collectors.joining(", "));
    return new DatasetException(
        ("Data set %s is not in the Hugging Face cache %s: searched %s%s;"
                + " pass the path of a file instead of the name, or download it with: %s")
            .formatted(
                dataset,
                cache.root(),
                places.stream().map(DatasetPlace::describe).collect(Collectors.joining("; ")),
                incomplete.isEmpty() ? "" : "; snapshots without these files: " + incomplete,
                places.get(0).repository().downloadCommand()));
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
