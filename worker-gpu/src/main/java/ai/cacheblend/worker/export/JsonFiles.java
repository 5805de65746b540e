package ai.cacheblend.worker.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the JSON files of a checkpoint. */
final class JsonFiles {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private JsonFiles() {}

  static ObjectNode readObject(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new ExportException(file + " is missing");
    }
    try {
      JsonNode json = MAPPER.readTree(Files.readAllBytes(file));
      if (json instanceof ObjectNode object) {
        return object;
      }
      throw new ExportException(file + " holds no JSON object");
    } catch (JsonProcessingException e) {
      throw new ExportException(
          "%s is no JSON (line %d: %s)"
              .formatted(file, e.getLocation().getLineNr(), e.getOriginalMessage()),
          e);
    }
  }
}
