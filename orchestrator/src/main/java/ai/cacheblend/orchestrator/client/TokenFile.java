package ai.cacheblend.orchestrator.client;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.PlanException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;

/** A bearer token in a file of its own, which may be replaced during a run. Thread-safe. */
final class TokenFile {
  private final Path file;
  private volatile FileTime modified;
  private volatile String token;

  /**
   * The token of a file.
   *
   * @throws PlanException if the file has no token
   */
  TokenFile(Path file) {
    this.file = file;
    try {
      modified = Files.getLastModifiedTime(file);
      token = read(file);
    } catch (IOException e) {
      throw new PlanException("token-file is " + file + ", which cannot be read: " + e);
    }
  }

  String token() {
    return token;
  }

  /** Reloads the file if it has changed. An invalid new token does not replace the earlier one. */
  void refresh() {
    try {
      FileTime now = Files.getLastModifiedTime(file);
      if (!now.equals(modified)) {
        token = read(file);
        modified = now;
      }
    } catch (IOException | PlanException e) {
      // The file is being replaced. The worker rejects an outdated token.
    }
  }

  private static String read(Path file) throws IOException {
    List<String> tokens =
        Files.readAllLines(file).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .toList();
    require(!tokens.isEmpty(), "token-file is " + file + ", which has no token");
    String first = tokens.get(0);
    require(
        first.chars().allMatch(c -> c > ' ' && c < 0x7f),
        "token-file is " + file + ", whose token has characters other than visible ASCII");
    return first;
  }
}
