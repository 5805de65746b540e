package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The filters after {@code |}. */
final class Filters {
  private static final Set<String> NAMES =
      Set.of(
          "trim",
          "upper",
          "lower",
          "title",
          "capitalize",
          "replace",
          "string",
          "safe",
          "length",
          "count",
          "first",
          "last",
          "list",
          "join",
          "reverse",
          "sort",
          "unique",
          "sum",
          "min",
          "max",
          "map",
          "select",
          "reject",
          "selectattr",
          "rejectattr",
          "items",
          "dictsort",
          "default",
          "d",
          "int",
          "float",
          "abs",
          "round",
          "tojson",
          "indent");

  private Filters() {}

  static void requireKnown(String name, int line) {
    if (!NAMES.contains(name)) {
      throw JinjaException.at(line, "the filter '" + name + "' is not supported");
    }
  }

  static Object apply(String name, Object value, Arguments in) {
    return switch (name) {
      case "trim" -> StringMethods.strip(Values.text(value), in.get(0, "chars", null), true, true);
      case "upper" -> Values.text(value).toUpperCase(Locale.ROOT);
      case "lower" -> Values.text(value).toLowerCase(Locale.ROOT);
      case "title" -> StringMethods.title(Values.text(value));
      case "capitalize" -> StringMethods.capitalize(Values.text(value));
      case "replace" ->
          StringMethods.find(Values.text(value), "replace").call(in.positional(), in.named());
      case "string", "safe" -> Values.text(value);
      case "length", "count" -> (long) Values.elements(value).size();
      case "first" -> element(value, true);
      case "last" -> element(value, false);
      case "list" -> Values.elements(value);
      case "join" -> join(value, in);
      case "reverse" -> reversed(value);
      case "sort" -> sorted(value, in);
      case "unique" -> unique(value);
      case "sum" -> sum(value);
      case "min" -> Collections.min(Values.elements(value), Values::compare);
      case "max" -> Collections.max(Values.elements(value), Values::compare);
      case "map" -> Selections.map(Values.elements(value), in);
      case "select" -> Selections.select(Values.elements(value), in, true);
      case "reject" -> Selections.select(Values.elements(value), in, false);
      case "selectattr" -> Selections.selectByAttribute(Values.elements(value), in, true);
      case "rejectattr" -> Selections.selectByAttribute(Values.elements(value), in, false);
      case "items" -> MapMethods.items(map(value));
      case "dictsort" -> MapMethods.items(sortedByKey(map(value)));
      case "default", "d" -> otherwise(value, in);
      case "int" -> integer(value, in);
      case "float" -> decimal(value, in);
      case "abs" ->
          value instanceof Long whole
              ? (Object) Math.abs(whole)
              : (Object) Math.abs(Values.number(value).doubleValue());
      case "round" ->
          round(Values.number(value).doubleValue(), Values.index(in.get(0, "precision", 0L)));
      case "tojson" -> JsonText.of(value, in);
      case "indent" -> indent(Values.text(value), in);
      default -> throw new JinjaException("the filter '" + name + "' is not supported");
    };
  }

  private static Object element(Object value, boolean first) {
    List<Object> elements = Values.elements(value);
    return elements.isEmpty()
        ? new Undefined(first ? "first" : "last")
        : elements.get(first ? 0 : elements.size() - 1);
  }

  private static String join(Object value, Arguments in) {
    List<Object> elements = Values.elements(value);
    if (in.has(1, "attribute")) {
      elements = Selections.attributes(elements, Values.text(in.get(1, "attribute")));
    }
    return StringMethods.join(Values.text(in.get(0, "d", "")), elements);
  }

  private static Object reversed(Object value) {
    List<Object> elements = Values.elements(value);
    Collections.reverse(elements);
    return value instanceof String
        ? String.join("", elements.stream().map(Values::text).toList())
        : elements;
  }

  private static List<Object> sorted(Object value, Arguments in) {
    List<Object> elements = Values.elements(value);
    Comparator<Object> order =
        in.has(2, "attribute")
            ? Comparator.comparing(
                element -> Members.item(element, in.get(2, "attribute")), Values::compare)
            : (a, b) ->
                a instanceof String s && b instanceof String t
                    ? s.compareToIgnoreCase(t)
                    : Values.compare(a, b);
    elements.sort(Values.isTrue(in.get(0, "reverse", false)) ? order.reversed() : order);
    return elements;
  }

  private static List<Object> unique(Object value) {
    List<Object> unique = new ArrayList<>();
    for (Object element : Values.elements(value)) {
      if (!Values.contains(unique, element)) {
        unique.add(element);
      }
    }
    return unique;
  }

  private static Object sum(Object value) {
    Object sum = 0L;
    for (Object element : Values.elements(value)) {
      sum = Arithmetic.apply("+", sum, element);
    }
    return sum;
  }

  private static Map<?, ?> map(Object value) {
    if (value instanceof Undefined) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new JinjaException("a %s has no items".formatted(Values.kind(value)));
  }

  private static Map<Object, Object> sortedByKey(Map<?, ?> map) {
    Map<Object, Object> sorted = new LinkedHashMap<>();
    map.entrySet().stream()
        .sorted((a, b) -> Values.compare(a.getKey(), b.getKey()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  private static Object otherwise(Object value, Arguments in) {
    boolean absent =
        Values.isTrue(in.get(1, "boolean", false))
            ? !Values.isTrue(value)
            : value instanceof Undefined;
    return absent ? in.get(0, "default_value", "") : value;
  }

  private static Object integer(Object value, Arguments in) {
    try {
      return value instanceof String text
          ? (Object) (long) Double.parseDouble(text.strip())
          : (Object) Values.number(value).longValue();
    } catch (NumberFormatException | JinjaException e) {
      return in.get(0, "default", 0L);
    }
  }

  private static Object decimal(Object value, Arguments in) {
    try {
      return value instanceof String text
          ? Double.parseDouble(text.strip())
          : Values.number(value).doubleValue();
    } catch (NumberFormatException | JinjaException e) {
      return in.get(0, "default", 0.0);
    }
  }

  private static Object round(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.rint(value * scale) / scale;
  }

  /** Indents all lines but the first, and blank lines only if asked. */
  private static String indent(String text, Arguments in) {
    Object width = in.get(0, "width", 4L);
    String by = width instanceof String given ? given : Arithmetic.repeat(" ", Values.index(width));
    boolean first = Values.isTrue(in.get(1, "first", false));
    boolean blank = Values.isTrue(in.get(2, "blank", false));
    String[] lines = text.split("\n", -1);
    Budget.requireLength(text.length() + (long) lines.length * by.length());
    for (int i = 0; i < lines.length; i++) {
      if (i == 0 ? first : blank || !lines[i].isEmpty()) {
        lines[i] = by + lines[i];
      }
    }
    return String.join("\n", lines);
  }
}
