package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.PlanException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** Builds and writes JSON. NaN and infinity become null. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final JsonMapper READER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final double NANOS_PER_SECOND = 1e9;

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  static JsonNode text(String value) {
    return JsonNodeFactory.instance.textNode(value);
  }

  public static JsonNode number(double value) {
    return Double.isFinite(value)
        ? JsonNodeFactory.instance.numberNode(value)
        : JsonNodeFactory.instance.nullNode();
  }

  public static JsonNode seconds(long nanos) {
    return number(nanos / NANOS_PER_SECOND);
  }

  /** The inverse of {@link #seconds}; exact below eleven days. */
  static long nanos(double seconds) {
    return Math.round(seconds * NANOS_PER_SECOND);
  }

  public static ArrayNode ints(Iterable<Integer> values) {
    ArrayNode array = array();
    values.forEach(array::add);
    return array;
  }

  public static ArrayNode strings(Iterable<String> values) {
    ArrayNode array = array();
    values.forEach(array::add);
    return array;
  }

  /** Converts maps, lists, numbers, booleans and strings. */
  static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** The inverse of {@link #tree} for objects; empty for other values. */
  static Map<String, Object> map(JsonNode object) {
    return object.isObject()
        ? MAPPER.convertValue(object, new TypeReference<Map<String, Object>>() {})
        : Map.of();
  }

  /** Reads a file. Throws {@link PlanException} if it is not JSON. */
  public static JsonNode read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new PlanException(file + " is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  static JsonNode parse(String text) throws JsonProcessingException {
    return READER.readTree(text);
  }

  static String line(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String pretty(JsonNode node) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces the file atomically. */
  public static void writeFile(Path file, String text) {
    Path whole = file.toAbsolutePath();
    try {
      Files.createDirectories(whole.getParent());
      Path part = whole.resolveSibling(whole.getFileName() + ".part");
      Files.write(part, text.getBytes(StandardCharsets.UTF_8));
      Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** Removes {@code file} if it exists. */
  static void removeFile(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file + ": " + e.getMessage(), e);
    }
  }
}
