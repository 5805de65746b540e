package ai.cacheblend.orchestrator.jinja;

/** Escape sequences of string literals, as in Python. Unknown ones stay as they are. */
final class Escapes {
  private Escapes() {}

  static String decode(String literal) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if (c != '\\' || i + 1 == literal.length()) {
        text.append(c);
        continue;
      }
      char kind = literal.charAt(++i);
      switch (kind) {
        case 'n' -> text.append('\n');
        case 't' -> text.append('\t');
        case 'r' -> text.append('\r');
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'v' -> text.append('\u000b');
        case 'a' -> text.append('\u0007');
        case '0' -> text.append('\0');
        case '\n' -> {}
        case '\\', '\'', '"' -> text.append(kind);
        case 'x' -> i += code(literal, i + 1, 2, text);
        case 'u' -> i += code(literal, i + 1, 4, text);
        case 'U' -> i += code(literal, i + 1, 8, text);
        default -> text.append('\\').append(kind);
      }
    }
    return text.toString();
  }

  private static int code(String literal, int begin, int digits, StringBuilder text) {
    int end = Math.min(literal.length(), begin + digits);
    try {
      text.appendCodePoint(Integer.parseInt(literal.substring(begin, end), 16));
      return end - begin;
    } catch (IllegalArgumentException e) {
      throw new JinjaException("'\\" + literal.substring(begin - 1, end) + "' is not a character");
    }
  }
}
