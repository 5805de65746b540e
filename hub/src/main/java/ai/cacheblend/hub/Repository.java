package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * A repository of the Hub.
 *
 * @param id {@code ORGANISATION/NAME}, or {@code NAME} alone for the oldest ones
 */
public record Repository(Type type, String id) {

  /** What a repository holds; the cache has a folder prefix for each. */
  public enum Type {
    MODEL("models", "/"),
    DATASET("datasets", "/datasets/");

    private final String prefix;
    private final String pagePath;

    Type(String prefix, String pagePath) {
      this.prefix = prefix;
      this.pagePath = pagePath;
    }

    /** In API paths, and in the names of folders of the cache. */
    String prefix() {
      return prefix;
    }

    String pagePath() {
      return pagePath;
    }
  }

  private static final int MAX_ID_LENGTH = 96;
  private static final String PART = "[A-Za-z0-9_][A-Za-z0-9._-]*";
  private static final Pattern ID = Pattern.compile(PART + "(/" + PART + ")?");

  public Repository {
    requireNonNull(type, "type is null");
    if (!isValidId(id)) {
      throw new IllegalArgumentException(
          "'%s' is not a Hugging Face repository name, for example organisation/name"
              .formatted(id));
    }
  }

  public static Repository model(String id) {
    return new Repository(Type.MODEL, id);
  }

  public static Repository dataset(String id) {
    return new Repository(Type.DATASET, id);
  }

  /** Whether the Hub could have a repository of that name. */
  public static boolean isValidId(String id) {
    // "--" stands for "/" in folder names, so that a name with it would be ambiguous.
    return id.length() <= MAX_ID_LENGTH
        && ID.matcher(id).matches()
        && !id.contains("--")
        && !id.contains("..");
  }

  /** Name of the repository's folder in the cache. */
  String folderName() {
    return type.prefix + "--" + id.replace("/", "--");
  }

  /** The command that downloads the main branch. */
  public String downloadCommand() {
    return "cacheblend pull " + (type == Type.DATASET ? "--dataset " : "") + id;
  }
}
