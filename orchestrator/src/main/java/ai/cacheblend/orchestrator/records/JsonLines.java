package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.PlanException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A file of one JSON value per line, each handed to the system before the next begins. */
final class JsonLines implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private JsonLines(Path file, StandardOpenOption... options) {
    this.file = file;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      channel = FileChannel.open(file, options);
    } catch (IOException e) {
      throw cannot("write", file, e);
    }
  }

  /** An empty file, in place of any that was there. */
  static JsonLines create(Path file) {
    return new JsonLines(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  /** Goes on behind the lines of a file. */
  static JsonLines append(Path file) {
    return new JsonLines(
        file, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE);
  }

  /** Lines that belong together, in one write: a process that is killed leaves all or few. */
  void write(List<? extends JsonNode> values) {
    StringBuilder lines = new StringBuilder();
    values.forEach(value -> lines.append(Json.line(value)).append('\n'));
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines.toString());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw cannot("write", file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw cannot("write", file, e);
    }
  }

  /**
   * What a file holds.
   *
   * @param tornCount 1 if the last line was cut off, 0 otherwise
   */
  record Content(List<JsonNode> values, int tornCount) {}

  /** Reads a file that a killed process may have left; nothing if there is none. */
  static Content read(Path file) {
    if (!Files.exists(file)) {
      return new Content(List.of(), 0);
    }
    String text;
    try {
      // Not readString: a character may be cut off at the end.
      text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw cannot("read", file, e);
    }
    List<JsonNode> values = new ArrayList<>();
    int begin = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
      values.add(parse(file, values.size() + 1, text.substring(begin, end)));
      begin = end + 1;
    }
    return new Content(values, begin < text.length() ? 1 : 0);
  }

  private static JsonNode parse(Path file, int number, String line) {
    try {
      return Json.parse(line);
    } catch (JsonProcessingException e) {
      throw new PlanException(
          file + " line " + number + " is not JSON: " + e.getOriginalMessage() + "; remove it");
    }
  }

  private static UncheckedIOException cannot(String what, Path file, IOException e) {
    return new UncheckedIOException("cannot " + what + " " + file + ": " + e.getMessage(), e);
  }
}
