package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.Lists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A JSON value and where it was read, so that what is missing can be named.
 *
 * @param place file, and line or field path
 */
record JsonSource(String place, JsonNode node) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  static JsonSource file(Path file) {
    try {
      return new JsonSource(file.toString(), MAPPER.readTree(file.toFile()));
    } catch (JsonProcessingException e) {
      throw new ResultsException(file + " is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new ResultsException("cannot read " + file + ": " + e.getMessage());
    }
  }

  /** One value per line. A last line without an end was being written when the run was killed. */
  static List<JsonSource> lines(Path file) {
    try {
      String text = Files.readString(file);
      List<String> lines = new ArrayList<>(text.lines().toList());
      if (!text.isEmpty() && !text.endsWith("\n")) {
        lines.remove(lines.size() - 1);
      }
      List<JsonSource> values = new ArrayList<>();
      for (String line : lines) {
        values.add(new JsonSource(file + ":" + (values.size() + 1), MAPPER.readTree(line)));
      }
      return values;
    } catch (JsonProcessingException e) {
      throw new ResultsException(file + " has a line that is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new ResultsException("cannot read " + file + ": " + e.getMessage());
    }
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  JsonSource get(String field) {
    if (!has(field)) {
      throw new ResultsException(
          place + " lacks " + field + "; it is not a record this version reads");
    }
    return new JsonSource(place + ": " + field, node.get(field));
  }

  Optional<JsonSource> find(String field) {
    return has(field) ? Optional.of(get(field)) : Optional.empty();
  }

  String text(String field) {
    return get(field).typed(JsonNode::isTextual, "text").asText();
  }

  Optional<String> findText(String field) {
    return has(field) ? Optional.of(text(field)) : Optional.empty();
  }

  int integer(String field) {
    return get(field).typed(JsonNode::canConvertToInt, "an integer").asInt();
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

  /** NaN where the file says null. */
  double numberOrNan(String field) {
    return has(field) ? number(field) : Double.NaN;
  }

  <T> List<T> list(String field, Function<JsonSource, T> element) {
    JsonSource array =
        new JsonSource(get(field).place, get(field).typed(JsonNode::isArray, "a list"));
    List<T> elements = new ArrayList<>();
    for (JsonNode child : array.node) {
      elements.add(element.apply(new JsonSource(array.place + "[" + elements.size() + "]", child)));
    }
    return elements;
  }

  <T> Map<String, T> map(String field, Function<JsonSource, T> element) {
    JsonSource object = get(field);
    Map<String, T> values = new LinkedHashMap<>();
    Iterator<String> names = object.typed(JsonNode::isObject, "an object").fieldNames();
    for (String name : Lists.newArrayList(names)) {
      if (object.has(name)) {
        values.put(name, element.apply(object.get(name)));
      }
    }
    return values;
  }

  private JsonNode typed(Function<JsonNode, Boolean> test, String expected) {
    if (!test.apply(node)) {
      throw new ResultsException(place + " is " + node + "; expected " + expected);
    }
    return node;
  }
}
