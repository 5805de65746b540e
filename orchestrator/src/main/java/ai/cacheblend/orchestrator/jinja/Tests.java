package ai.cacheblend.orchestrator.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The tests after {@code is}. */
final class Tests {
  private static final Set<String> NAMES =
      Set.of(
          "defined",
          "undefined",
          "none",
          "string",
          "number",
          "integer",
          "float",
          "boolean",
          "true",
          "false",
          "mapping",
          "iterable",
          "sequence",
          "callable",
          "odd",
          "even",
          "divisibleby",
          "in",
          "eq",
          "equalto",
          "sameas",
          "ne",
          "lt",
          "le",
          "gt",
          "ge",
          "lower",
          "upper");

  private Tests() {}

  static void requireKnown(String name, int line) {
    if (!NAMES.contains(name)) {
      throw JinjaException.at(line, "the test '" + name + "' is not supported");
    }
  }

  static boolean holds(String name, Object value, Arguments in) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "string" -> value instanceof String;
      case "number" -> Values.isNumber(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "mapping" -> value instanceof Map;
      case "iterable" ->
          value instanceof List
              || value instanceof Map
              || value instanceof String
              || value instanceof Undefined;
      case "sequence" ->
          value instanceof List
              || value instanceof Map
              || value instanceof String
              || value instanceof Undefined;
      case "callable" -> value instanceof Callable;
      case "odd" -> Math.floorMod(Values.index(value), 2) == 1;
      case "even" -> Math.floorMod(Values.index(value), 2) == 0;
      case "divisibleby" -> Values.index(value) % Values.index(in.get(0, "num")) == 0;
      case "in" -> Values.contains(in.get(0, "seq"), value);
      case "eq", "equalto", "sameas" -> Values.isEqual(value, in.get(0, "other"));
      case "ne" -> !Values.isEqual(value, in.get(0, "other"));
      case "lt" -> Values.compare(value, in.get(0, "other")) < 0;
      case "le" -> Values.compare(value, in.get(0, "other")) <= 0;
      case "gt" -> Values.compare(value, in.get(0, "other")) > 0;
      case "ge" -> Values.compare(value, in.get(0, "other")) >= 0;
      case "lower" -> Values.text(value).equals(Values.text(value).toLowerCase(Locale.ROOT));
      default -> Values.text(value).equals(Values.text(value).toUpperCase(Locale.ROOT));
    };
  }
}
