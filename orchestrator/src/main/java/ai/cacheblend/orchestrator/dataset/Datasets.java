package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.UserDirectories;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Data sets by name, or from a file in any of the known formats. */
public final class Datasets {
  private static final List<String> EMBEDDED = List.of("pocketwiki", "pocketchat");
  private static final List<String> NAMES =
      List.of("2wikimqa", "samsum", "musique", "pocketwiki", "pocketchat");

  private Datasets() {}

  /** The names that {@link #load} takes beside paths. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Makes the prompts of a data set.
   *
   * @param nameOrPath one of {@link #names}, or the path of a file
   * @param environment variables that locate the Hugging Face cache
   * @throws DatasetException if the data cannot be found, read or used; its message is one line
   */
  public static QualityTask load(
      String nameOrPath, DatasetOptions options, Map<String, String> environment) {
    return new TaskLoader(
            find(nameOrPath, environment),
            source(nameOrPath),
            Optional.of(nameOrPath).filter(NAMES::contains),
            options)
        .load();
  }

  /**
   * A template of the user.
   *
   * @throws DatasetException if the file is not a template
   */
  public static PromptTemplate promptFile(Path file) {
    return PromptTemplates.file(file);
  }

  /** The same data set wherever the process runs: a name, or an absolute path. */
  private static String source(String nameOrPath) {
    return NAMES.contains(nameOrPath)
        ? nameOrPath
        : Path.of(nameOrPath).toAbsolutePath().normalize().toString();
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
                    "dataset is %s, which is neither a file nor a known name; use a file or one of %s"
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
