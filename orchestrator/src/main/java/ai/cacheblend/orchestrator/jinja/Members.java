package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Attributes, items and slices of values. */
final class Members {
  private Members() {}

  /** {@code object.name}: a method, or else an item, as Jinja looks them up. */
  static Object attribute(Object object, String name) {
    requireDefined(object, name);
    if (object instanceof Namespace namespace) {
      return item(namespace.attributes(), name);
    }
    Callable method =
        object instanceof String text
            ? StringMethods.find(text, name)
            : object instanceof Map<?, ?> map ? MapMethods.find(map, name) : null;
    if (method != null) {
      return method;
    }
    return object instanceof Map ? item(object, name) : new Undefined(name);
  }

  /** {@code object[key]}. */
  static Object item(Object object, Object key) {
    requireDefined(object, key);
    if (object instanceof Map<?, ?> map) {
      return map.containsKey(key) ? map.get(key) : new Undefined(Values.text(key));
    }
    if (object instanceof Namespace namespace) {
      return item(namespace.attributes(), key);
    }
    if (Values.isNumber(key) && (object instanceof List || object instanceof String)) {
      List<Object> elements = Values.elements(object);
      int index = Values.index(key);
      int position = index < 0 ? elements.size() + index : index;
      return position >= 0 && position < elements.size()
          ? elements.get(position)
          : new Undefined("element " + index);
    }
    return new Undefined(Values.text(key));
  }

  private static void requireDefined(Object object, Object member) {
    if (object instanceof Undefined undefined) {
      throw new JinjaException(
          "'%s' is undefined, so it has no '%s'".formatted(undefined.name(), Values.text(member)));
    }
  }

  /** {@code object[start:stop:step]}; each may be None. */
  static Object slice(Object object, Object start, Object stop, Object step) {
    List<Object> elements = Values.elements(object);
    int size = elements.size();
    int by = step == null ? 1 : Values.index(step);
    if (by == 0) {
      throw new JinjaException("the step of a slice is 0");
    }
    int first = bound(start, by > 0 ? 0 : size - 1, size, by);
    int end = bound(stop, by > 0 ? size : -1, size, by);
    List<Object> result = new ArrayList<>();
    for (long i = first; by > 0 ? i < end : i > end; i += by) {
      result.add(elements.get((int) i));
    }
    if (object instanceof String) {
      StringBuilder text = new StringBuilder();
      result.forEach(text::append);
      return text.toString();
    }
    return result;
  }

  private static int bound(Object value, int otherwise, int size, int step) {
    if (value == null) {
      return otherwise;
    }
    long index = Values.index(value);
    long position = index < 0 ? size + index : index;
    return (int) Math.max(step > 0 ? 0 : -1, Math.min(step > 0 ? size : size - 1, position));
  }
}
