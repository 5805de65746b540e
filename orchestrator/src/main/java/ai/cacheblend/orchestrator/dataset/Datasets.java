package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.hub.PullListener;
import ai.cacheblend.hub.UserDirectories;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Data sets by name, or from a file in any of the known formats. */
public final class Datasets {
  private static final List<String> EMBEDDED =
      List.of("pocketwiki", "pocketchat", "pocketretrieval", "pocketretrieval-4k");
  private static final List<String> NAMES =
      Stream.concat(DatasetTable.names().stream(), EMBEDDED.stream()).toList();

  /** Prompts with the structure and special tokens of published experiments. */
  public static final List<String> PROMPT_STYLES = List.of("cacheblend", "longbench");

  private static final Pattern EVALUATION_SPLIT =
      Pattern.compile("(?<![a-z])(test|validation|val|dev)(?![a-z])");

  /** Spellings in the names of published files. */
  private static final Map<String, String> SPELLINGS =
      Map.of("wikimqa", "2wikimqa", "2wikimultihop", "2wikimqa", "hotpot", "hotpotqa");

  private Datasets() {}

  /** The names that {@link #load} takes beside paths. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Makes the prompts of a data set.
   *
   * @param nameOrPath the path of a file, or {@code NAME[:CONFIG][@SPLIT]} with one of {@link
   *     #names} or a repository of the Hub
   * @param environment variables that locate the Hugging Face cache
   * @throws DatasetException if the data cannot be found, read or used; its message is one line
   */
  public static QualityTask load(
      String nameOrPath, DatasetOptions options, Map<String, String> environment) {
    return load(nameOrPath, options, HubDatasets.inCache(UserDirectories.of(environment)));
  }

  /**
   * The same; what is not in the cache is downloaded, unless the environment forbids it.
   *
   * @param downloads is told of downloads
   */
  public static QualityTask load(
      String nameOrPath,
      DatasetOptions options,
      Map<String, String> environment,
      PullListener downloads) {
    return load(nameOrPath, options, HubDatasets.of(environment, downloads));
  }

  private static QualityTask load(String nameOrPath, DatasetOptions options, HubDatasets hub) {
    return new TaskLoader(
            find(nameOrPath, hub),
            source(nameOrPath),
            named(nameOrPath).map(DatasetRef::name).filter(NAMES::contains),
            options,
            () -> training(nameOrPath, hub))
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
    return nameIn(dataset)
        .map(name -> styleOrPath + "/" + name)
        .filter(PromptTemplates::isBuiltIn)
        .map(PromptTemplates::builtIn)
        .orElseThrow(
            () ->
                new DatasetException(
                    "prompt is %s, which has no template for %s; use a data set of %s, or give a file"
                        .formatted(
                            styleOrPath,
                            dataset,
                            DatasetTable.names().stream()
                                .filter(name -> PromptTemplates.isBuiltIn(styleOrPath + "/" + name))
                                .collect(Collectors.joining(", ")))));
  }

  /** The known data set that a file name or a repository name contains. */
  static Optional<String> nameIn(String path) {
    String text = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    return NAMES.stream()
        .filter(text::contains)
        .findFirst()
        .or(
            () ->
                SPELLINGS.keySet().stream()
                    .filter(text::contains)
                    .sorted()
                    .findFirst()
                    .map(SPELLINGS::get));
  }

  /**
   * What {@link #load} takes for a configuration and split.
   *
   * @throws DatasetException if the data set has a configuration or split already, or is a file
   */
  public static String select(String dataset, Optional<String> config, Optional<String> split) {
    if (config.isEmpty() && split.isEmpty()) {
      return dataset;
    }
    DatasetRef of =
        named(dataset)
            .filter(ref -> !EMBEDDED.contains(ref.name()))
            .orElseThrow(
                () ->
                    new DatasetException(
                        "dataset is %s, which has no configurations and splits; leave out --config and --split"
                            .formatted(dataset)));
    return new DatasetRef(of.name(), config.or(of::config), split.or(of::split)).toString();
  }

  /** The training split of a data set, or the file beside a file that has it by its name. */
  private static Optional<DataSource> training(String nameOrPath, HubDatasets hub) {
    Optional<DatasetRef> named = named(nameOrPath);
    if (named.isPresent()) {
      DatasetRef train =
          new DatasetRef(named.get().name(), named.get().config(), Optional.of("train"));
      try {
        return train.equals(named.get()) ? Optional.empty() : Optional.of(hub.find(train));
      } catch (DatasetException e) {
        return Optional.empty();
      }
    }
    Path file = Path.of(nameOrPath);
    String name = file.getFileName().toString();
    Path sibling = file.resolveSibling(EVALUATION_SPLIT.matcher(name).replaceFirst("train"));
    return Files.isRegularFile(sibling) && !sibling.equals(file)
        ? Optional.of(DataFile.of(sibling))
        : Optional.empty();
  }

  /** The same data set wherever the process runs: a name, or an absolute path. */
  private static String source(String nameOrPath) {
    return named(nameOrPath).isPresent()
        ? nameOrPath
        : Path.of(nameOrPath).toAbsolutePath().normalize().toString();
  }

  /** A data set of the Hub or an embedded one; empty for a file. */
  private static Optional<DatasetRef> named(String nameOrPath) {
    if (path(nameOrPath).filter(Files::isRegularFile).isPresent()) {
      return Optional.empty();
    }
    return DatasetRef.parse(nameOrPath)
        .filter(ref -> NAMES.contains(ref.name()) || DatasetTable.isRepository(ref.name()));
  }

  private static DataSource find(String nameOrPath, HubDatasets hub) {
    Optional<DatasetRef> named = named(nameOrPath);
    if (named.isPresent()) {
      return EMBEDDED.contains(nameOrPath) ? DataFile.embedded(nameOrPath) : hub.find(named.get());
    }
    return path(nameOrPath)
        .filter(Files::isRegularFile)
        .map(DataFile::of)
        .orElseThrow(
            () ->
                new DatasetException(
                    "dataset is %s, which is neither a file nor a known name; use a file, a repository ORGANISATION/NAME of the Hub, or one of %s"
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
