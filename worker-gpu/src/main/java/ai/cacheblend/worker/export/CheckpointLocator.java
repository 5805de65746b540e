package ai.cacheblend.worker.export;

import com.google.common.base.Strings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Finds a checkpoint by folder, or by Hugging Face name in the local cache: {@code
 * HUB/models--ORGANISATION--NAME/refs/main} holds the commit, {@code snapshots/COMMIT} the files.
 * Downloads nothing.
 */
public final class CheckpointLocator {

  private static final String PART = "[A-Za-z0-9_-][A-Za-z0-9._-]*";
  private static final Pattern MODEL_NAME = Pattern.compile(PART + "(/" + PART + ")?");
  private static final Pattern COMMIT = Pattern.compile("[A-Za-z0-9]+");

  private final Map<String, String> environment;
  private final Path home;

  /** The environment and home folder are those of the user, given so that tests can differ. */
  public CheckpointLocator(Map<String, String> environment, Path home) {
    this.environment = Map.copyOf(environment);
    this.home = home;
  }

  /** For the user who runs this process. */
  public static CheckpointLocator ofUser() {
    return new CheckpointLocator(System.getenv(), Path.of(System.getProperty("user.home")));
  }

  /** The folder of that path or name. */
  public Path locate(String folderOrName) throws IOException {
    Path folder = Path.of(folderOrName);
    if (Files.isDirectory(folder)) {
      return folder;
    }
    if (!MODEL_NAME.matcher(folderOrName).matches()) {
      throw new ExportException(
          "%s is no folder, nor is it a Hugging Face model name".formatted(folderOrName));
    }
    Path model = hub().resolve("models--" + folderOrName.replace("/", "--"));
    Path ref = model.resolve("refs").resolve("main");
    if (!Files.isRegularFile(ref)) {
      throw new ExportException(
          "%s is no folder, and the Hugging Face cache has no %s; download it with: hf download %s"
              .formatted(folderOrName, ref, folderOrName));
    }
    String commit = Files.readString(ref).strip();
    Path snapshot =
        model.resolve("snapshots").resolve(COMMIT.matcher(commit).matches() ? commit : "?");
    if (!Files.isDirectory(snapshot)) {
      throw new ExportException(
          ("%s names the commit '%s', but there is no folder of it in %s;"
                  + " download it again with: hf download %s")
              .formatted(ref, commit, model.resolve("snapshots"), folderOrName));
    }
    return snapshot;
  }

  /** A short name for people: that of the cache, or the folder's own. */
  public static String nameOf(String folderOrName) {
    Path folder = Path.of(folderOrName);
    if (!Files.isDirectory(folder)) {
      return folderOrName;
    }
    Path last = folder.toAbsolutePath().normalize().getFileName();
    return last == null ? folderOrName : last.toString();
  }

  private Path hub() {
    for (String variable : new String[] {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
      if (isSet(variable)) {
        return Path.of(environment.get(variable));
      }
    }
    if (isSet("HF_HOME")) {
      return Path.of(environment.get("HF_HOME"), "hub");
    }
    Path cache =
        isSet("XDG_CACHE_HOME")
            ? Path.of(environment.get("XDG_CACHE_HOME"))
            : home.resolve(".cache");
    return cache.resolve("huggingface").resolve("hub");
  }

  private boolean isSet(String variable) {
    return !Strings.isNullOrEmpty(environment.get(variable));
  }
}
