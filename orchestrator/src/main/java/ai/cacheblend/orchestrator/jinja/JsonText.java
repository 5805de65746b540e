package ai.cacheblend.orchestrator.jinja;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The filter {@code tojson} as {@code transformers} defines it: Python's json.dumps, UTF-8 kept.
 */
final class JsonText {
  private final String itemSeparator;
  private final String keySeparator;
  private final String indent;
  private final boolean sorted;
  private final StringBuilder out = new StringBuilder();

  private JsonText(Arguments in) {
    Object width = in.get(1, "indent", null);
    this.indent =
        width == null
            ? null
            : width instanceof String text ? text : Arithmetic.repeat(" ", Values.index(width));
    List<Object> separators =
        in.named().get("separators") instanceof List<?> given ? List.copyOf(given) : List.of();
    this.itemSeparator =
        separators.isEmpty() ? indent == null ? ", " : "," : Values.text(separators.get(0));
    this.keySeparator = separators.size() < 2 ? ": " : Values.text(separators.get(1));
    this.sorted = Values.isTrue(in.named().getOrDefault("sort_keys", false));
  }

  static String of(Object value, Arguments in) {
    JsonText json = new JsonText(in);
    json.write(value, "\n");
    return json.out.toString();
  }

  private void write(Object value, String newLine) {
    Budget.requireLength(out.length());
    if (value instanceof String text) {
      string(text);
    } else if (value instanceof List<?> list) {
      list(list, newLine);
    } else if (value instanceof Map<?, ?> map) {
      map(map, newLine);
    } else if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Number number) {
      out.append(number);
    } else {
      throw new JinjaException("a %s has no JSON".formatted(Values.kind(value)));
    }
  }

  private void list(List<?> list, String newLine) {
    String inner = indent == null || list.isEmpty() ? "" : newLine + indent;
    String separator = "";
    out.append('[');
    for (Object element : list) {
      out.append(separator).append(inner);
      write(element, newLine + indent);
      separator = itemSeparator;
    }
    out.append(inner.isEmpty() ? "" : newLine).append(']');
  }

  private void map(Map<?, ?> map, String newLine) {
    String inner = indent == null || map.isEmpty() ? "" : newLine + indent;
    String separator = "";
    out.append('{');
    Map<?, ?> entries = sorted ? new TreeMap<>(map) : map;
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      out.append(separator).append(inner);
      string(Values.text(entry.getKey()));
      out.append(keySeparator);
      write(entry.getValue(), newLine + indent);
      separator = itemSeparator;
    }
    out.append(inner.isEmpty() ? "" : newLine).append('}');
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
