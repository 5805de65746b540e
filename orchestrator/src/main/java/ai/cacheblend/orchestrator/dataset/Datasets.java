package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.UserDirectories;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The data sets by name, or from a file in any of the known formats. */
public final class Datasets {
  private static final List<String> EMBEDDED = List.of("pocketwiki", "pocketchat");
  private static final List<String> NAMES =
      List.of("2wikimqa", "samsum", "musique", "pocketwiki", "pocketchat");

  private Datasets() {}

  /** The names {@link #load} knows beside paths. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Makes the prompts of a data set.
   *
   * @throws DatasetException if the data cannot be found, read or used; its message is one line
   */
  public static QualityTask load(String nameOrPath, DatasetOptions options) {
    return load(nameOrPath, options, System.getenv());
  }

  static QualityTask load(
      String nameOrPath, DatasetOptions options, Map<String, String> environment) {
    DataFile file = find(nameOrPath, environment);
    return new TaskLoader(file, knownName(nameOrPath), options).load();
  }

  /**
   * The template that {@link #load} would use.
   *
   * @throws DatasetException if it cannot be read, or if nothing tells which one it is
   */
  public static PromptTemplate template(String nameOrPath, DatasetOptions options) {
    if (options.promptFile().isPresent()) {
      return PromptTemplates.file(options.promptFile().get());
    }
    if (NAMES.contains(nameOrPath)) {
      return PromptTemplates.builtIn(nameOrPath);
    }
    return load(nameOrPath, options).template();
  }

  private static Optional<String> knownName(String nameOrPath) {
    return Optional.of(nameOrPath).filter(NAMES::contains);
  }

  private static DataFile find(String nameOrPath, Map<String, String> environment) {
    if (EMBEDDED.contains(nameOrPath)) {
      return DataFile.embedded(nameOrPath);
    }
    if (NAMES.contains(nameOrPath)) {
      return CachedDatasets.of(UserDirectories.of(environment)).find(nameOrPath);
    }
    return path(nameOrPath)
        .filter(Files::isRegularFile)
        .map(DataFile::of)
        .orElseThrow(
            () ->
                new DatasetException(
                    "No data set is named %s, and no file has that path; names are %s"
                        .formatted(nameOrPath, String.join(", ", NAMES))));
  }

  private static Optional<Path> path(String text) {
    try {
      return Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
