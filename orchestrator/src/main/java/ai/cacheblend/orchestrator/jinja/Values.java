package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;

/** Python's truth, text and comparison of values. */
final class Values {
  private Values() {}

  static boolean isTrue(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Boolean bool) {
      return bool;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  /** {@code str(value)}. */
  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    return value instanceof Undefined ? "" : repr(value);
  }

  /** {@code repr(value)}. */
  private static String repr(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean bool) {
      return bool ? "True" : "False";
    }
    if (value instanceof String text) {
      char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
      String escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
      return quote + escaped.replace("\r", "\\r").replace("" + quote, "\\" + quote) + quote;
    }
    if (value instanceof List<?> list) {
      StringJoiner joiner = new StringJoiner(", ", "[", "]");
      list.forEach(element -> joiner.add(repr(element)));
      return joiner.toString();
    }
    if (value instanceof Map<?, ?> map) {
      StringJoiner joiner = new StringJoiner(", ", "{", "}");
      map.forEach((key, of) -> joiner.add(repr(key) + ": " + repr(of)));
      return joiner.toString();
    }
    if (value instanceof Undefined || value instanceof Number) {
      return value instanceof Undefined ? "Undefined" : value.toString();
    }
    throw new JinjaException("a " + kind(value) + " has no text");
  }

  static boolean isEqual(Object left, Object right) {
    if (left instanceof Undefined || right instanceof Undefined) {
      return left instanceof Undefined && right instanceof Undefined;
    }
    if (isNumber(left) && isNumber(right)) {
      return number(left).doubleValue() == number(right).doubleValue();
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      boolean same = a.size() == b.size();
      for (int i = 0; same && i < a.size(); i++) {
        same = isEqual(a.get(i), b.get(i));
      }
      return same;
    }
    return Objects.equals(left, right);
  }

  static int compare(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return Double.compare(number(left).doubleValue(), number(right).doubleValue());
    }
    if (left instanceof String a && right instanceof String b) {
      return a.compareTo(b);
    }
    throw new JinjaException("a %s and a %s have no order".formatted(kind(left), kind(right)));
  }

  /** A boolean counts as 0 or 1. */
  static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  static Number number(Object value) {
    if (value instanceof Boolean bool) {
      return bool ? 1L : 0L;
    }
    if (value instanceof Number number) {
      return number;
    }
    throw new JinjaException("a %s is not a number".formatted(kind(value)));
  }

  static int index(Object value) {
    if (!isNumber(value) || value instanceof Double) {
      throw new JinjaException("a %s is not a whole number".formatted(kind(value)));
    }
    return (int)
        Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number(value).longValue()));
  }

  /** The elements, keys or characters that a loop goes over. */
  static List<Object> elements(Object value) {
    if (value instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      return new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
    }
    if (value instanceof Undefined) {
      return new ArrayList<>();
    }
    throw new JinjaException("a %s has no elements".formatted(kind(value)));
  }

  static boolean contains(Object container, Object value) {
    if (container instanceof String text && value instanceof String part) {
      return text.contains(part);
    }
    return elements(container).stream().anyMatch(element -> isEqual(element, value));
  }

  static String kind(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Undefined undefined) {
      return "undefined value (" + undefined.name() + ")";
    }
    return value instanceof Map
        ? "mapping"
        : value.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }
}
