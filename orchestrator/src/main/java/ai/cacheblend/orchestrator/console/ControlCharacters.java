package ai.cacheblend.orchestrator.console;

/**
 * Escapes control characters, which come from data, names and answers and which a terminal obeys.
 * The escapes are those of JSON, so a JSON document stays the same document.
 */
final class ControlCharacters {
  private ControlCharacters() {}

  /** {@code text} with {@code \\u001b} for a control character; line feeds and tabs stay. */
  static String escape(String text) {
    if (text.chars().noneMatch(ControlCharacters::isControl)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.chars()
        .forEach(
            unit -> {
              if (isControl(unit)) {
                escaped.append("\\u%04x".formatted(unit));
              } else {
                escaped.append((char) unit);
              }
            });
    return escaped.toString();
  }

  private static boolean isControl(int unit) {
    return (unit != '\n' && unit != '\t' && Character.isISOControl(unit))
        || isBidirectional(unit)
        || unit == 0x2028
        || unit == 0x2029;
  }

  /** Embeddings, overrides, isolates and marks, which change the order of the text after them. */
  private static boolean isBidirectional(int unit) {
    return (unit >= 0x202a && unit <= 0x202e)
        || (unit >= 0x2066 && unit <= 0x2069)
        || unit == 0x200e
        || unit == 0x200f
        || unit == 0x061c;
  }
}
