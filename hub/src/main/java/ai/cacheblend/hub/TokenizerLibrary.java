package ai.cacheblend.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where the tokenizer library unpacks its native part. */
public final class TokenizerLibrary {

  /** Read by the library, as environment variable or system property. */
  static final String VARIABLE = "DJL_CACHE_DIR";

  private TokenizerLibrary() {}

  /**
   * The directory to set; the library's own default ignores {@code HOME} and {@code
   * XDG_CACHE_HOME}. Falls back to the temporary directory where the user's cache cannot be
   * written.
   */
  static Path directory(UserDirectories user, Path temporary) {
    Path preferred = user.cache().resolve("cacheblend").resolve("tokenizers");
    try {
      Files.createDirectories(preferred);
      if (Files.isWritable(preferred)) {
        return preferred;
      }
    } catch (IOException e) {
      // Falls back below.
    }
    return temporary.resolve("cacheblend-tokenizers");
  }

  /** Sets the directory for this process, unless the user has. */
  public static void configure(Map<String, String> environment, UserDirectories user) {
    if (!environment.containsKey(VARIABLE) && System.getProperty(VARIABLE) == null) {
      Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
      System.setProperty(VARIABLE, directory(user, temporary).toString());
    }
  }
}
