package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One record of a data file. Accessors throw {@link UnusableItemException} where a text is missing,
 * null or blank, and {@link DatasetException} where a field has another type.
 *
 * @param where file, item and line
 * @param index from 0
 */
record DataRecord(ObjectNode fields, String where, int index) {

  /** The text of a field that must not be blank. */
  String text(String field) {
    return text(fields, field, field);
  }

  /**
   * The text of a field of {@code node} that must not be blank.
   *
   * @param path of the field in this record
   */
  String text(JsonNode node, String field, String path) {
    String text = typedText(node, field, path);
    if (text.isBlank()) {
      throw new UnusableItemException("field " + anyIndex(path) + " is empty");
    }
    return text;
  }

  /** The text of a field of {@code node} that must be present; white space counts. */
  String verbatim(JsonNode node, String field, String path) {
    String text = typedText(node, field, path);
    if (text.isEmpty()) {
      throw new UnusableItemException("field " + anyIndex(path) + " is empty");
    }
    return text;
  }

  private String typedText(JsonNode node, String field, String path) {
    JsonNode value = present(node, field, path);
    if (!value.isTextual()) {
      throw wrong(path, value, "a text");
    }
    return value.textValue();
  }

  /** The text of a field that may be missing, null or empty; then empty. */
  String textOrEmpty(JsonNode node, String field, String path) {
    return textIfPresent(node, field, path).orElse("");
  }

  /** A text that may be missing or null. */
  Optional<String> textIfPresent(JsonNode node, String field, String path) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw wrong(path, value, "a text");
    }
    return Optional.of(value.textValue());
  }

  /** The elements of a field that must be a list of at least one. */
  List<JsonNode> list(String field) {
    JsonNode value = present(fields, field, field);
    if (!value.isArray()) {
      throw wrong(field, value, "a list");
    }
    if (value.isEmpty()) {
      throw new UnusableItemException("field " + field + " is empty");
    }
    List<JsonNode> elements = new ArrayList<>();
    value.forEach(elements::add);
    return elements;
  }

  /** A field that must be neither missing nor null. */
  JsonNode present(JsonNode node, String field, String path) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      throw new UnusableItemException(
          "field " + anyIndex(path) + (value.isNull() ? " is null" : " is missing"));
    }
    return value;
  }

  /** Items that lack the same field of any element are counted together. */
  private static String anyIndex(String path) {
    return path.replaceAll("\\[\\d+]", "[]");
  }

  /** The item's own id, text or number, or else its index. */
  String id(String field) {
    JsonNode id = fields.path(field);
    boolean usable = id.isIntegralNumber() || (id.isTextual() && !id.textValue().isBlank());
    return usable ? id.asText() : Integer.toString(index);
  }

  DatasetException wrong(String path, JsonNode value, String expected) {
    return new DatasetException(
        "%s: field %s %s; expected %s".formatted(where, path, describe(value), expected));
  }

  private static String describe(JsonNode value) {
    if (value.isMissingNode()) {
      return "is missing";
    }
    String text = value.toString();
    return "is " + (text.length() <= 60 ? text : text.substring(0, 57) + "...");
  }
}
