package ai.cacheblend.worker.access;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of a file, one per line; empty lines and lines that begin with {@code #} are ignored.
 * Several tokens let callers change from one to the next. Thread-safe.
 */
public final class BearerTokens {
  private static final Logger log = LoggerFactory.getLogger(BearerTokens.class);
  private static final int MIN_LENGTH = 16;
  private static final int MAX_FILE_BYTES = 1 << 20;

  private final Path file;
  private final FileStamps stamps;

  /** SHA-256 of each token: a comparison of hashes takes the same time for every token. */
  private volatile List<byte[]> hashes;

  private BearerTokens(Path file) {
    this.file = file;
    this.stamps = new FileStamps(List.of(file));
    stamps.changed();
    this.hashes = read();
  }

  /**
   * Reads the file.
   *
   * @throws AccessException if it has no valid token
   */
  public static BearerTokens load(Path file) {
    return new BearerTokens(file);
  }

  /** Compares with all tokens, in a time that does not depend on how much of a token matches. */
  public boolean accept(String token) {
    byte[] hash = hash(token);
    boolean accepted = false;
    for (byte[] valid : hashes) {
      accepted |= MessageDigest.isEqual(valid, hash);
    }
    return accepted;
  }

  /** Reads the file if it has changed. Keeps the previous tokens if the new ones are not valid. */
  public void reload() {
    if (!stamps.changed()) {
      return;
    }
    try {
      hashes = read();
      log.info("reloaded {}", file);
    } catch (AccessException e) {
      log.warn("{}; the previous tokens stay in use", e.getMessage());
    }
  }

  private List<byte[]> read() {
    List<byte[]> read = new ArrayList<>();
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new AccessException("%s is larger than 1 MiB; expected tokens".formatted(file));
      }
      for (String line : Files.readAllLines(file)) {
        String token = line.strip();
        if (!token.isEmpty() && !token.startsWith("#")) {
          requireValid(token);
          read.add(hash(token));
        }
      }
      warnIfPublic();
    } catch (IOException e) {
      throw new AccessException(
          "%s cannot be read as text (%s)".formatted(file, e.getClass().getSimpleName()), e);
    }
    if (read.isEmpty()) {
      throw new AccessException("%s contains no token; write one per line".formatted(file));
    }
    return List.copyOf(read);
  }

  private void requireValid(String token) {
    if (token.length() < MIN_LENGTH || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new AccessException(
          ("%s contains a token that is shorter than %d characters, or not printable ASCII without"
                  + " spaces; create one with \"openssl rand -hex 32\"")
              .formatted(file, MIN_LENGTH));
    }
  }

  private void warnIfPublic() throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
      log.warn("{} can be read by every user of this host; run \"chmod 600\" on it", file);
    }
  }

  private static byte[] hash(String token) {
    return Hashing.sha256().hashUnencodedChars(token).asBytes();
  }
}
