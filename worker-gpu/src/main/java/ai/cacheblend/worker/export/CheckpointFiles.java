package ai.cacheblend.worker.export;

import ai.cacheblend.hub.FileDefect;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Access to the files of a checkpoint. */
public final class CheckpointFiles {

  /** The largest index files have a few megabytes. */
  private static final long MAX_JSON_BYTES = 64 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private CheckpointFiles() {}

  /** Refuses a dangling link and a Git LFS pointer; the file may be absent. */
  public static void checkContent(Path file) throws IOException {
    Optional<String> defect = FileDefect.of(file);
    if (defect.isPresent()) {
      throw new ExportException(
          "%s %s; download the file itself, for example with git lfs pull or cacheblend pull"
              .formatted(file, defect.get()));
    }
  }

  public static ObjectNode readObject(Path file) throws IOException {
    checkContent(file);
    if (!Files.isRegularFile(file)) {
      throw new ExportException(file + " is missing");
    }
    if (Files.size(file) > MAX_JSON_BYTES) {
      throw new ExportException(
          "%s has %d bytes, expected at most %d".formatted(file, Files.size(file), MAX_JSON_BYTES));
    }
    try {
      JsonNode json = MAPPER.readTree(Files.readAllBytes(file));
      if (json instanceof ObjectNode object) {
        return object;
      }
      throw new ExportException(file + " is not a JSON object");
    } catch (JsonProcessingException e) {
      throw new ExportException(
          "%s is not JSON (line %d: %s)"
              .formatted(
                  file,
                  e.getLocation().getLineNr(),
                  e.getOriginalMessage().lines().findFirst().orElse("no detail")),
          e);
    }
  }
}
