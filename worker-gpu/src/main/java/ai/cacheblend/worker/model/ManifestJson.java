package ai.cacheblend.worker.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Reads and writes {@code model.json}. Unknown or missing fields and other versions are errors. */
final class ManifestJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private ManifestJson() {}

  static ModelManifest read(Path file) throws IOException {
    try {
      JsonNode json = MAPPER.readTree(Files.readAllBytes(file));
      // Checked first: another version may have other fields.
      JsonNode version = json.path("formatVersion");
      if (version.asInt(-1) != ModelManifest.FORMAT_VERSION) {
        throw ModelFolder.damaged(
            "%s: formatVersion is %s, expected %d"
                .formatted(
                    file,
                    version.isMissingNode() ? "missing" : version,
                    ModelManifest.FORMAT_VERSION));
      }
      addLaterFields(json);
      return MAPPER.treeToValue(json, ModelManifest.class);
    } catch (JsonProcessingException e) {
      throw new ModelFormatException(
          "%s: %s; export the checkpoint again".formatted(file, reason(e)), e);
    }
  }

  /** Optional fields that manifests do not have where they are empty. */
  private static void addLaterFields(JsonNode json) {
    addNull(json.at("/config"), "traits");
    addNull(json.at("/config/traits"), "normOffset");
    addNull(json.at("/config/rope"), "angles");
    addNull(json.at("/config/traits/windowRope"), "angles");
  }

  private static void addNull(JsonNode json, String field) {
    if (json instanceof ObjectNode object && !object.has(field)) {
      object.putNull(field);
    }
  }

  static byte[] bytes(ModelManifest manifest) throws IOException {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest);
  }

  /** One line, the same for equal values. */
  static String compact(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + value, e);
    }
  }

  /** The path of the field, where it is known, and the first line of the problem. */
  private static String reason(JsonProcessingException e) {
    // Jackson wraps the exception of a record's constructor.
    String message =
        e.getCause() instanceof IllegalArgumentException refused
            ? refused.getMessage()
            : e.getOriginalMessage();
    String path =
        e instanceof JsonMappingException mapping
            ? mapping.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[]" : step.getFieldName())
                .collect(Collectors.joining("."))
            : "";
    return (path.isEmpty() ? "" : path + ": ") + message.lines().findFirst().orElse("not JSON");
  }
}
