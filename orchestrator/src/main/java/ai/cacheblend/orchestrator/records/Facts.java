package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Flattens a JSON object to named facts. */
public final class Facts {
  private Facts() {}

  /** Texts by path, such as {@code workers 1 / model / name}, in the object's order. */
  public static Map<String, String> of(JsonNode object) {
    Map<String, String> facts = new LinkedHashMap<>();
    collect("", object, facts);
    return facts;
  }

  private static void collect(String path, JsonNode node, Map<String, String> facts) {
    if (node.isObject()) {
      String prefix = path.isEmpty() ? "" : path + " / ";
      node.properties()
          .forEach(
              field -> collect(prefix + field.getKey().replace('_', ' '), field.getValue(), facts));
    } else if (node.isArray() && !node.isEmpty() && node.get(0).isObject()) {
      for (int i = 0; i < node.size(); i++) {
        collect(path + " " + (i + 1), node.get(i), facts);
      }
    } else {
      facts.put(path, text(node));
    }
  }

  private static String text(JsonNode node) {
    if (node.isArray()) {
      List<String> parts = new ArrayList<>();
      node.forEach(part -> parts.add(part.asText()));
      return String.join(" ", parts);
    }
    return node.isNull() ? "unknown" : node.asText();
  }
}
