package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Methods of Python's dictionaries. */
final class MapMethods {
  private MapMethods() {}

  /** Null if mappings have no such method. */
  static Callable find(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" -> (positional, named) -> items(map);
      case "keys" -> (positional, named) -> new ArrayList<Object>(map.keySet());
      case "values" -> (positional, named) -> new ArrayList<Object>(map.values());
      case "get" ->
          (positional, named) -> {
            Arguments in = new Arguments(name, positional, named);
            Object key = in.get(0, "key");
            return map.containsKey(key) ? map.get(key) : in.get(1, "default", null);
          };
      default -> null;
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      List<Object> pair = new ArrayList<>();
      pair.add(entry.getKey());
      pair.add(entry.getValue());
      items.add(pair);
    }
    return items;
  }
}
