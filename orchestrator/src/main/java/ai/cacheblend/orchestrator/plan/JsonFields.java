package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The fields of a JSON object; checks names and types. */
public final class JsonFields {
  private final String where;
  private final JsonNode json;

  /**
   * @param where names the object in messages
   * @param known the fields it may have
   */
  public JsonFields(String where, JsonNode json, Set<String> known) {
    this.where = where;
    this.json = json;
    require(json.isObject(), where + " is " + kind(json) + "; write an object");
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      require(
          known.contains(field.getKey()),
          where
              + " has unknown field '"
              + field.getKey()
              + "'; known are "
              + String.join(", ", new TreeSet<>(known)));
    }
  }

  private static String kind(JsonNode json) {
    return json.getNodeType().toString().toLowerCase(Locale.ROOT);
  }

  public boolean has(String name) {
    return json.hasNonNull(name);
  }

  private JsonNode typed(String name, boolean fits, String type) {
    JsonNode value = json.get(name);
    require(fits, where + " field " + name + " is " + value + "; use " + type);
    return value;
  }

  /** Returns this if it has all of {@code names}. */
  public JsonFields requiring(String... names) {
    return requiring(List.of(names));
  }

  /** Returns this if it has all of {@code names}. */
  public JsonFields requiring(List<String> names) {
    for (String name : names) {
      require(json.has(name), where + " has no field '" + name + "'; add it");
    }
    return this;
  }

  public String string(String name, String otherwise) {
    return has(name) ? typed(name, json.get(name).isTextual(), "text").textValue() : otherwise;
  }

  public boolean bool(String name, boolean otherwise) {
    return has(name)
        ? typed(name, json.get(name).isBoolean(), "true or false").booleanValue()
        : otherwise;
  }

  public double number(String name, double otherwise) {
    return has(name) ? typed(name, json.get(name).isNumber(), "a number").doubleValue() : otherwise;
  }

  public long integer(String name, long otherwise) {
    return has(name)
        ? typed(
                name,
                json.get(name).isIntegralNumber() && json.get(name).canConvertToLong(),
                "a whole number")
            .longValue()
        : otherwise;
  }

  /** A whole number of at least 0. */
  public int count(String name) {
    long value = integer(name, 0);
    require(
        value >= 0 && value <= Integer.MAX_VALUE,
        where + " field " + name + " is " + value + "; use 0 to " + Integer.MAX_VALUE);
    return (int) value;
  }

  public JsonNode object(String name) {
    return typed(name, json.path(name).isObject(), "an object");
  }

  /** Empty if the field is absent. */
  public List<JsonNode> elements(String name) {
    List<JsonNode> elements = new ArrayList<>();
    if (has(name)) {
      typed(name, json.get(name).isArray(), "a list").forEach(elements::add);
    }
    return elements;
  }

  /** A list of strings; a single string is a list of one. */
  public List<String> strings(String name) {
    if (has(name) && json.get(name).isTextual()) {
      return List.of(json.get(name).textValue());
    }
    List<String> strings = new ArrayList<>();
    for (JsonNode element : elements(name)) {
      typed(name, element.isTextual() && !element.textValue().isEmpty(), "a list of strings");
      strings.add(element.textValue());
    }
    return strings;
  }

  /** A list of numbers. */
  public List<Double> numbers(String name) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode element : elements(name)) {
      JsonNode unused = typed(name, element.isNumber(), "a list of numbers");
      numbers.add(element.doubleValue());
    }
    return numbers;
  }

  public ImmutableIntArray ids(String name) {
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    for (JsonNode element : elements(name)) {
      require(
          element.canConvertToInt() && element.isIntegralNumber() && element.intValue() >= 0,
          where + " field " + name + " holds " + element + "; use token ids of at least 0");
      ids.add(element.intValue());
    }
    return ids.build();
  }
}
