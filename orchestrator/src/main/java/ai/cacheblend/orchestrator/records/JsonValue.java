package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.Lists;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A JSON value of a record. Its accessors throw {@link RecordException} with place, field and value
 * if a field is missing or has another type.
 *
 * @param place file, with line or field path
 */
record JsonValue(String place, JsonNode node) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  static JsonValue file(Path file) {
    try {
      return new JsonValue(file.toString(), MAPPER.readTree(file.toFile()));
    } catch (JsonProcessingException e) {
      throw new RecordException(file + " is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new RecordException("cannot read " + file + ": " + e.getMessage());
    }
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  JsonValue get(String field) {
    if (!has(field)) {
      throw new RecordException(
          place + " has no field " + field + "; it was not written by this version");
    }
    return new JsonValue(place + ": " + field, node.get(field));
  }

  Optional<JsonValue> find(String field) {
    return has(field) ? Optional.of(get(field)) : Optional.empty();
  }

  String text(String field) {
    return get(field).text();
  }

  String text() {
    return typed(JsonNode::isTextual, "text").asText();
  }

  String oneOf(String field, String... values) {
    return get(field)
        .typed(v -> List.of(values).contains(v.asText()), String.join(" or ", values))
        .asText();
  }

  Optional<String> findText(String field) {
    return has(field) ? Optional.of(text(field)) : Optional.empty();
  }

  int integer(String field) {
    return get(field).integer();
  }

  int integer() {
    return typed(v -> v.isIntegralNumber() && v.canConvertToInt(), "an integer").asInt();
  }

  long longInteger(String field) {
    return get(field).longInteger();
  }

  long longInteger() {
    return typed(v -> v.isIntegralNumber() && v.canConvertToLong(), "an integer").asLong();
  }

  ObjectNode object(String field) {
    return (ObjectNode) get(field).typed(JsonNode::isObject, "an object");
  }

  boolean bool(String field) {
    return get(field).typed(JsonNode::isBoolean, "true or false").asBoolean();
  }

  double number(String field) {
    return get(field).number();
  }

  double number() {
    return typed(JsonNode::isNumber, "a number").asDouble();
  }

  /** NaN if the field is null or absent. */
  double numberOrNan(String field) {
    return has(field) ? number(field) : Double.NaN;
  }

  <T> List<T> list(String field, Function<JsonValue, T> element) {
    JsonValue array =
        new JsonValue(get(field).place, get(field).typed(JsonNode::isArray, "a list"));
    List<T> elements = new ArrayList<>();
    for (JsonNode child : array.node) {
      elements.add(element.apply(new JsonValue(array.place + "[" + elements.size() + "]", child)));
    }
    return elements;
  }

  <T> Map<String, T> map(String field, Function<JsonValue, T> element) {
    JsonValue object = get(field);
    Map<String, T> values = new LinkedHashMap<>();
    Iterator<String> names = object.typed(JsonNode::isObject, "an object").fieldNames();
    for (String name : Lists.newArrayList(names)) {
      if (object.has(name)) {
        values.put(name, element.apply(object.get(name)));
      }
    }
    return values;
  }

  /** The fields of an object, in order. */
  <T> List<T> entries(String field, BiFunction<String, JsonValue, T> element) {
    List<T> entries = new ArrayList<>();
    map(field, value -> value).forEach((name, value) -> entries.add(element.apply(name, value)));
    return entries;
  }

  private JsonNode typed(Function<JsonNode, Boolean> test, String expected) {
    if (!test.apply(node)) {
      throw new RecordException(place + " is " + node + "; expected " + expected);
    }
    return node;
  }
}
