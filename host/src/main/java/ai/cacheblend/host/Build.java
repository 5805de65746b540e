package ai.cacheblend.host;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identity of a program.
 *
 * @param commit Git commit of the sources, hexadecimal; empty if it was not built from a checkout
 * @param dirty whether the sources had uncommitted changes
 * @param codeSha256 of the program's classes, see {@link CodeHash}
 */
public record Build(String version, Optional<String> commit, boolean dirty, String codeSha256) {
  private static final Pattern COMMIT = Pattern.compile("([0-9a-f]{40,})(-dirty)?");
  private static final String RESOURCE = "build.properties";

  public Build {
    requireNonNull(version, "version is null");
    requireNonNull(commit, "commit is null");
    requireNonNull(codeSha256, "codeSha256 is null");
  }

  /**
   * The build of a program.
   *
   * @param parts one class of each of its modules
   */
  public static Build of(Class<?>... parts) {
    Properties properties = properties();
    return of(
        properties.getProperty("version"),
        properties.getProperty("git.describe"),
        CodeHash.of(parts));
  }

  /**
   * @param description output of {@code git describe}; a placeholder without a checkout
   */
  static Build of(String version, String description, String codeSha256) {
    Matcher commit = COMMIT.matcher(description);
    return commit.matches()
        ? new Build(version, Optional.of(commit.group(1)), commit.group(2) != null, codeSha256)
        : new Build(version, Optional.empty(), false, codeSha256);
  }

  /** The version of this program. */
  public static String currentVersion() {
    return properties().getProperty("version");
  }

  private static Properties properties() {
    try (InputStream resource = Build.class.getResourceAsStream(RESOURCE)) {
      Properties properties = new Properties();
      properties.load(resource);
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " is missing from the build", e);
    }
  }
}
