package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Home and cache folders of the user, as {@code huggingface_hub} derives them. */
public final class UserDirectories {

  private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)\\})");

  private final Map<String, String> environment;
  private final String passwordFileHome;

  /**
   * @param passwordFileHome home folder of the password file, used where {@code HOME} is unset; the
   *     JVM gives {@code ?} for a user without an entry
   */
  public UserDirectories(Map<String, String> environment, String passwordFileHome) {
    this.environment = Map.copyOf(environment);
    this.passwordFileHome = requireNonNull(passwordFileHome, "passwordFileHome is null");
  }

  /** Those of the user who runs this process. */
  public static UserDirectories ofProcess() {
    return of(System.getenv());
  }

  /** Those of the user who runs this process, with other environment variables. */
  public static UserDirectories of(Map<String, String> environment) {
    return new UserDirectories(environment, System.getProperty("user.home", "?"));
  }

  /** {@code HOME}, or the home folder of the password file, or the root folder. */
  public Path home() {
    String home = environment.getOrDefault("HOME", "");
    if (!home.isBlank()) {
      return Path.of(home);
    }
    return Path.of(passwordFileHome.equals("?") ? "/" : passwordFileHome);
  }

  /** {@code XDG_CACHE_HOME}, or {@code ~/.cache}. */
  public Path cache() {
    return path("XDG_CACHE_HOME", home().resolve(".cache"));
  }

  /** {@code HF_HOME}, or {@code huggingface} in the cache folder. */
  public Path huggingFaceHome() {
    return path("HF_HOME", cache().resolve("huggingface"));
  }

  /** {@code HF_HUB_CACHE}, or its older name, or {@code hub} in the Hugging Face home. */
  public Path hubCache() {
    Path older = path("HUGGINGFACE_HUB_CACHE", huggingFaceHome().resolve("hub"));
    return path("HF_HUB_CACHE", older);
  }

  /** {@code HF_TOKEN_PATH}, or {@code token} in the Hugging Face home. */
  Path tokenFile() {
    return path("HF_TOKEN_PATH", huggingFaceHome().resolve("token"));
  }

  /** {@code HF_DATASETS_CACHE}, or {@code datasets} in the Hugging Face home. */
  public Path datasetsCache() {
    return path("HF_DATASETS_CACHE", huggingFaceHome().resolve("datasets"));
  }

  /** A variable that is set but blank counts as unset. */
  private Path path(String variable, Path defaultPath) {
    String value = environment.getOrDefault(variable, "");
    return value.isBlank() ? defaultPath : Path.of(expandVariables(expandHome(value)));
  }

  /** A leading {@code ~} alone; {@code ~user} stays as it is. */
  private String expandHome(String path) {
    if (!path.equals("~") && !path.startsWith("~/")) {
      return path;
    }
    return home() + path.substring(1);
  }

  /** {@code $NAME} and <code>${NAME}</code>; unset variables stay as they are. */
  private String expandVariables(String path) {
    return VARIABLE.matcher(path).replaceAll(this::valueOf);
  }

  private String valueOf(MatchResult variable) {
    String name = variable.group(1) == null ? variable.group(2) : variable.group(1);
    return Matcher.quoteReplacement(environment.getOrDefault(name, variable.group()));
  }
}
