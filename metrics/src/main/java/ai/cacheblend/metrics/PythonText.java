package ai.cacheblend.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Text rules of Python's {@code str} and {@code re}, which the reference scorers use. Java's rules
 * differ: {@code \s} and {@code Character.isWhitespace} exclude U+00A0 and U+0085, and {@code \b}
 * is ASCII-only or counts combining marks as word characters.
 */
final class PythonText {

  private PythonText() {}

  /** {@code str.lower()}, independent of the default locale. */
  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** {@code str.split()}: the maximal runs without white space; no empty parts. */
  static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int from = -1;
    // Python's white space is in the basic plane, so that one char is one code point.
    for (int i = 0; i < text.length(); i++) {
      if (isSpace(text.charAt(i))) {
        if (from >= 0) {
          parts.add(text.substring(from, i));
          from = -1;
        }
      } else if (from < 0) {
        from = i;
      }
    }
    if (from >= 0) {
      parts.add(text.substring(from));
    }
    return parts;
  }

  /** {@code str.isspace()} of one character: bidirectional WS, B or S, or category Zs. */
  static boolean isSpace(char c) {
    return (c >= 0x09 && c <= 0x0D)
        || (c >= 0x1C && c <= 0x20)
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** {@code \w} of {@code re}: a letter, a number of any kind or the underscore; marks are not. */
  static boolean isWord(int codePoint) {
    return codePoint == '_'
        || Character.isLetter(codePoint)
        || switch (Character.getType(codePoint)) {
          case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
              true;
          default -> false;
        };
  }

  /** Membership in {@code string.punctuation}: the 32 ASCII punctuation characters. */
  static boolean isPunctuation(char c) {
    return (c >= '!' && c <= '/')
        || (c >= ':' && c <= '@')
        || (c >= '[' && c <= '`')
        || (c >= '{' && c <= '~');
  }
}
