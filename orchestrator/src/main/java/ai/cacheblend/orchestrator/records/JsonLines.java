package ai.cacheblend.orchestrator.records;

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

/** A file of one JSON value per line. Each write reaches the operating system before it returns. */
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

  /** Creates an empty file. Replaces an existing one. */
  static JsonLines create(Path file) {
    return new JsonLines(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  /** Appends to a file. */
  static JsonLines append(Path file) {
    return new JsonLines(
        file, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE);
  }

  /**
   * Writes the lines of one block with one system call, so that a killed process rarely splits it.
   */
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
   * Content of a file.
   *
   * @param tornCount 1 if the last line is incomplete because the process was killed, else 0
   */
  record Content(List<JsonValue> values, int tornCount) {}

  /** Reads a file; empty if there is none. */
  static Content read(Path file) {
    if (!Files.exists(file)) {
      return new Content(List.of(), 0);
    }
    String text;
    try {
      // Not readString: the last character may be incomplete.
      text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw cannot("read", file, e);
    }
    List<JsonValue> values = new ArrayList<>();
    int begin = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
      values.add(parse(file, values.size() + 1, text.substring(begin, end)));
      begin = end + 1;
    }
    return new Content(values, begin < text.length() ? 1 : 0);
  }

  private static JsonValue parse(Path file, int number, String line) {
    String place = file + ":" + number;
    try {
      return new JsonValue(place, Json.parse(line));
    } catch (JsonProcessingException e) {
      throw new RecordException(
          place + " is not JSON: " + e.getOriginalMessage() + "; remove the line");
    }
  }

  private static UncheckedIOException cannot(String what, Path file, IOException e) {
    return new UncheckedIOException("cannot " + what + " " + file + ": " + e.getMessage(), e);
  }
}
