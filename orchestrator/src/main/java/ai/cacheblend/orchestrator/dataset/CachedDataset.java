package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.HubException;
import ai.cacheblend.hub.Repository;
import ai.cacheblend.hub.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipFile;

/**
 * A Hugging Face data set repository that holds a data set.
 *
 * @param files paths inside the repository, best first; {@code data.zip!ENTRY} is an entry of an
 *     archive
 */
record CachedDataset(Repository repository, List<String> files) {
  CachedDataset {
    files = List.copyOf(files);
  }

  /** Repositories of a data set: LongBench first, then the original data. */
  static List<CachedDataset> of(String name) {
    List<CachedDataset> places = new ArrayList<>();
    String entry = "data/" + name + ".jsonl";
    for (String repository : List.of("THUDM/LongBench", "zai-org/LongBench")) {
      places.add(
          new CachedDataset(Repository.dataset(repository), List.of("data.zip!" + entry, entry)));
    }
    places.addAll(
        switch (name) {
          case "2wikimqa" ->
              originals(
                  List.of("dev.json", "data/dev.json", "dev.jsonl"),
                  "THUDM/2WikiMultihopQA",
                  "voidful/2WikiMultihopQA",
                  "xanhho/2WikiMultihopQA");
          case "musique" ->
              originals(
                  List.of("musique_ans_v1.0_dev.jsonl", "data/musique_ans_v1.0_dev.jsonl"),
                  "bdsaglam/musique",
                  "dgslibisey/MuSiQue");
          case "samsum" ->
              originals(
                  List.of("test.json", "test.jsonl", "test.csv", "data/test.json", "data/test.csv"),
                  "Samsung/samsum",
                  "samsum",
                  "knkarthick/samsum");
          default -> List.<CachedDataset>of();
        });
    return places;
  }

  private static List<CachedDataset> originals(List<String> files, String... repositories) {
    return List.of(repositories).stream()
        .map(repository -> new CachedDataset(Repository.dataset(repository), files))
        .toList();
  }

  /** The first of the files that a snapshot of the repository holds. */
  Optional<DataFile> in(Snapshot snapshot) {
    for (String file : files) {
      int bang = file.indexOf('!');
      Optional<Path> path = cached(snapshot, bang < 0 ? file : file.substring(0, bang));
      if (path.isEmpty()) {
        continue;
      }
      if (bang < 0) {
        return Optional.of(DataFile.of(path.get()));
      }
      String entry = file.substring(bang + 1);
      if (hasEntry(path.get(), entry)) {
        return Optional.of(DataFile.zipEntry(path.get(), entry));
      }
    }
    return Optional.empty();
  }

  /** The command that downloads the best file. */
  String downloadCommand() {
    String best = files.get(0);
    int bang = best.indexOf('!');
    return repository.downloadCommand(bang < 0 ? best : best.substring(0, bang));
  }

  private static Optional<Path> cached(Snapshot snapshot, String file) {
    try {
      return snapshot.file(file);
    } catch (HubException e) {
      throw new DatasetException(e.getMessage(), e);
    }
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
