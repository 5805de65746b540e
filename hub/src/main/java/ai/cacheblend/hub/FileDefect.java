package ai.cacheblend.hub;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Files that are listed in a folder but whose content is elsewhere. */
public final class FileDefect {

  private static final byte[] POINTER_HEAD =
      "version https://git-lfs.github.com/spec/".getBytes(US_ASCII);

  private FileDefect() {}

  /**
   * The defect as a predicate whose subject is the file, for example {@code is a dangling link to
   * …}. Empty if the file has its content, or if it does not exist.
   */
  public static Optional<String> of(Path file) throws HubException {
    try {
      if (Files.isSymbolicLink(file) && !Files.exists(file)) {
        return Optional.of("is a dangling link to " + Files.readSymbolicLink(file));
      }
      if (Files.isRegularFile(file) && isPointer(file)) {
        return Optional.of("is a Git LFS pointer, without the content that it stands for");
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new HubException(
          HubException.Reason.CACHE,
          "%s cannot be read: %s".formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private static boolean isPointer(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(POINTER_HEAD.length), POINTER_HEAD);
    }
  }
}
