package ai.cacheblend.orchestrator.dataset;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds data sets in the local cache of the Hugging Face libraries. Downloads nothing. */
final class HuggingFaceCache {
  private final Path hub;
  private final Path datasets;

  private HuggingFaceCache(Path hub, Path datasets) {
    this.hub = hub;
    this.datasets = datasets;
  }

  /** The cache the Hugging Face libraries would use under these environment variables. */
  static HuggingFaceCache of(Map<String, String> environment) {
    Path cacheHome =
        variable(environment, "XDG_CACHE_HOME")
            .orElseGet(() -> home(environment).resolve(".cache"));
    Path root = variable(environment, "HF_HOME").orElseGet(() -> cacheHome.resolve("huggingface"));
    return new HuggingFaceCache(
        variable(environment, "HF_HUB_CACHE")
            .or(() -> variable(environment, "HUGGINGFACE_HUB_CACHE"))
            .orElseGet(() -> root.resolve("hub")),
        variable(environment, "HF_DATASETS_CACHE").orElseGet(() -> root.resolve("datasets")));
  }

  private static Path home(Map<String, String> environment) {
    return variable(environment, "HOME").orElseGet(() -> Path.of(System.getProperty("user.home")));
  }

  private static Optional<Path> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .filter(value -> !value.isBlank())
        .map(Path::of);
  }

  /**
   * The first of the data set's known places that is there.
   *
   * @throws DatasetException if none is; the message says where was looked for what
   */
  DataFile find(String name) {
    List<CachedDataset> places = CachedDataset.of(name);
    for (CachedDataset place : places) {
      for (Path snapshot : snapshots(place)) {
        Optional<DataFile> file = place.in(snapshot);
        if (file.isPresent()) {
          return file.get();
        }
      }
    }
    return extracted(name).orElseThrow(() -> notFound(name, places));
  }

  /** The snapshot that {@code refs/main} names first, then the others by name. */
  private List<Path> snapshots(CachedDataset place) {
    Path repository = hub.resolve("datasets--" + place.repository().replace("/", "--"));
    Path snapshots = repository.resolve("snapshots");
    List<Path> found = list(snapshots);
    mainRevision(repository)
        .map(snapshots::resolve)
        .filter(found::remove)
        .ifPresent(main -> found.add(0, main));
    return found;
  }

  private static Optional<String> mainRevision(Path repository) {
    Path ref = repository.resolve("refs").resolve("main");
    try {
      return Files.isRegularFile(ref)
          ? Optional.of(Files.readString(ref).strip())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
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

  private DatasetException notFound(String name, List<CachedDataset> places) {
    String looked =
        places.stream()
            .map(place -> place.repository() + " (" + String.join(", ", place.files()) + ")")
            .collect(Collectors.joining("; "));
    String present =
        places.stream()
            .flatMap(place -> snapshots(place).stream())
            .map(Path::toString)
            .collect(Collectors.joining(", "));
    return new DatasetException(
        ("Data set %s is not in the Hugging Face cache %s: looked for %s%s;"
                + " pass the path of a file instead of the name,"
                + " or get it with: hf download --repo-type dataset %s %s")
            .formatted(
                name,
                hub,
                looked,
                present.isEmpty() ? "" : "; there, but without these files: " + present,
                places.get(0).repository(),
                places.get(0).files().get(0)));
  }

  private static List<Path> list(Path folder) {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
        stream.forEach(entries::add);
      } catch (IOException e) {
        throw new DatasetException(
            "Hugging Face cache folder %s cannot be listed: %s".formatted(folder, OneLine.of(e)),
            e);
      }
    }
    Collections.sort(entries);
    return entries;
  }
}
