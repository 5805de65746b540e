package ai.cacheblend.orchestrator.dataset;

import java.util.List;

/** The data sets by name, or from a file in any of the known formats. */
public final class Datasets {
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
    if (!names().contains(nameOrPath)) {
      throw new DatasetException("not yet: " + nameOrPath + options);
    }
    return null;
  }

  /**
   * The template {@link #load} would use; for a path without {@code promptFile}, by the format of
   * the file.
   */
  public static PromptTemplate template(String nameOrPath, DatasetOptions options) {
    if (!names().contains(nameOrPath)) {
      throw new DatasetException("not yet: " + nameOrPath + options);
    }
    return null;
  }
}
