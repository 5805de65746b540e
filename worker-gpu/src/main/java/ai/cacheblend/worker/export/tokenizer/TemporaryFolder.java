package ai.cacheblend.worker.export.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder for the files of a converted tokenizer; closing it deletes them. */
public final class TemporaryFolder implements AutoCloseable {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path path;

  private TemporaryFolder(Path path) {
    this.path = path;
  }

  public static TemporaryFolder create() throws IOException {
    return new TemporaryFolder(Files.createTempDirectory("cacheblend-tokenizer"));
  }

  public Path path() {
    return path;
  }

  /** Writes a file. */
  public void write(String name, ObjectNode json) throws IOException {
    Files.write(path.resolve(name), MAPPER.writeValueAsBytes(json));
  }

  @Override
  public void close() throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(path)) {
      files = list.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(path);
  }
}
