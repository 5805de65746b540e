package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.UserDirectories;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Data sets by name, or from a file in any of the known formats. */
public final class Datasets {
  private static final List<String> EMBEDDED = List.of("pocketwiki", "pocketchat");
  private static final List<String> NAMES =
      List.of("2wikimqa", "samsum", "musique", "pocketwiki", "pocketchat");

  /** Prompts with the structure and special tokens of published experiments. */
  public static final List<String> PROMPT_STYLES = List.of("cacheblend", "longbench");

  private static final List<String> PUBLISHED = List.of("2wikimqa", "samsum", "musique");

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
   * The template of {@code --prompt}.
   *
   * @param styleOrPath one of {@link #PROMPT_STYLES}, which has a template for each published data
   *     set, or the path of a file
   * @param dataset what {@link #load} takes
   * @throws DatasetException if it is not a template, or if the style has none for the data set
   */
  public static PromptTemplate prompt(String styleOrPath, String dataset) {
    if (!PROMPT_STYLES.contains(styleOrPath)) {
      return PromptTemplates.file(Path.of(styleOrPath));
    }
    String file = Path.of(dataset).getFileName().toString().toLowerCase(Locale.ROOT);
    String name =
        PUBLISHED.stream()
            .filter(published -> file.contains(published))
            .findFirst()
            .or(() -> file.contains("wikimqa") ? Optional.of("2wikimqa") : Optional.empty())
            .orElseThrow(
                () ->
                    new DatasetException(
                        "prompt is %s, which has no template for %s; use a data set of %s, or give a file"
                            .formatted(styleOrPath, dataset, String.join(", ", PUBLISHED))));
    return PromptTemplates.builtIn(styleOrPath + "/" + name);
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
