package ai.cacheblend.orchestrator.jinja;

import java.util.List;
import java.util.Map;

/** The arguments of a call to a built-in function. */
record Arguments(String function, List<Object> positional, Map<String, Object> named) {

  boolean has(int index, String name) {
    return index < positional.size() || named.containsKey(name);
  }

  Object get(int index, String name) {
    if (index < positional.size()) {
      return positional.get(index);
    }
    if (named.containsKey(name)) {
      return named.get(name);
    }
    throw new JinjaException(function + " lacks the argument " + name);
  }

  Object get(int index, String name, Object otherwise) {
    return has(index, name) ? get(index, name) : otherwise;
  }

  String text(int index, String name) {
    if (get(index, name) instanceof String text) {
      return text;
    }
    throw new JinjaException(
        "%s takes a string, not a %s".formatted(function, Values.kind(get(index, name))));
  }
}
