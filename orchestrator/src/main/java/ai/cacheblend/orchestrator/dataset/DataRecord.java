package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * One record of a data file, with accessors that fail with a message that says where.
 *
 * @param where file, item and line
 * @param index from 0
 */
record DataRecord(ObjectNode fields, String where, int index) {

  boolean hasText(String field) {
    return fields.path(field).isTextual();
  }

  /** The text of a field that must be there and not be blank. */
  String text(String field) {
    return text(fields, field, field);
  }

  /** The text of a field of {@code node}, which is at {@code path} in this record. */
  String text(JsonNode node, String field, String path) {
    JsonNode value = node.path(field);
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw wrong(path, value, "a text that is not blank");
    }
    return value.textValue();
  }

  /** The text of a field of {@code node} that must be there; white space counts. */
  String verbatim(JsonNode node, String field, String path) {
    JsonNode value = node.path(field);
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw wrong(path, value, "a text");
    }
    return value.textValue();
  }

  /** The text of a field that may be missing, null or empty; then empty. */
  String textOrEmpty(JsonNode node, String field, String path) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw wrong(path, value, "a text");
    }
    return value.textValue();
  }

  /** The elements of a field that must be a list of at least one. */
  List<JsonNode> list(String field) {
    JsonNode value = fields.path(field);
    if (!value.isArray() || value.isEmpty()) {
      throw wrong(field, value, "a list of at least one element");
    }
    List<JsonNode> elements = new ArrayList<>();
    value.forEach(elements::add);
    return elements;
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
