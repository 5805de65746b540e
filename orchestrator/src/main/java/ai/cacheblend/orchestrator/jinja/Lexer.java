package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks} on: a line with
 * nothing but a block leaves no trace. A minus sign in a delimiter removes all white space on that
 * side, a plus sign keeps it. For a single use.
 */
final class Lexer {
  private static final Pattern RAW =
      Pattern.compile(
          "\\{%[-+]?\\s*raw\\s*-?%}\\n?(.*?)\\{%[-+]?\\s*endraw\\s*-?%}", Pattern.DOTALL);
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<name>[A-Za-z_]\\w*)"
              + "|(?<float>\\d[\\d_]*(?:\\.\\d+(?:[eE][+-]?\\d+)?|[eE][+-]?\\d+))"
              + "|(?<integer>\\d[\\d_]*)"
              + "|(?<string>'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\")"
              + "|(?<operator>\\*\\*|//|==|!=|<=|>=|[-+*/%~<>=.,:|()\\[\\]{}])",
          Pattern.DOTALL);

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;

  /** Whether the text that follows begins a line. */
  private boolean atLineStart = true;

  /** Whether the last delimiter removes white space after it. */
  private boolean strip;

  Lexer(String source) {
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    this.source = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  List<Token> tokens() {
    while (position < source.length()) {
      int begin = nextDelimiter();
      Matcher raw = RAW.matcher(source).region(begin, source.length());
      if (raw.lookingAt()) {
        text(begin, '%', ' ');
        add(Token.Kind.TEXT, raw.group(1));
        moveTo(raw.end());
      } else if (begin == source.length()) {
        text(begin, '{', ' ');
      } else {
        char kind = source.charAt(begin + 1);
        char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
        text(begin, kind, sign);
        moveTo(begin + (sign == '-' || sign == '+' ? 3 : 2));
        switch (kind) {
          case '#' -> comment();
          case '{' -> inside(Token.Kind.EXPRESSION_BEGIN, Token.Kind.EXPRESSION_END, "}}");
          default -> inside(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, "%}");
        }
      }
    }
    add(Token.Kind.END, "");
    return tokens;
  }

  private int nextDelimiter() {
    for (int i = position; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  /** The text up to a delimiter, without what the delimiters on both sides remove. */
  private void text(int end, char kind, char sign) {
    String text = source.substring(position, end);
    if (strip) {
      String rest = text.stripLeading();
      String removed = text.substring(0, text.length() - rest.length());
      atLineStart = removed.isEmpty() ? atLineStart : removed.endsWith("\n");
      count(removed);
      position += removed.length();
      text = rest;
    }
    String kept = text;
    if (end < source.length() && sign == '-') {
      kept = text.stripTrailing();
    } else if (end < source.length() && kind != '{' && sign != '+') {
      int lineStart = text.lastIndexOf('\n') + 1;
      if ((lineStart > 0 || atLineStart) && text.substring(lineStart).isBlank()) {
        kept = text.substring(0, lineStart);
      }
    }
    if (!kept.isEmpty()) {
      add(Token.Kind.TEXT, kept);
    }
    moveTo(end);
    strip = false;
  }

  private void comment() {
    int end = source.indexOf("#}", position);
    if (end < 0) {
      throw JinjaException.at(line, "a comment is never closed; add #}");
    }
    char sign = source.charAt(end - 1);
    moveTo(end + 2);
    afterBlock(sign);
  }

  /** What follows a block or comment. */
  private void afterBlock(char sign) {
    strip = sign == '-';
    atLineStart = false;
    if (sign != '-' && sign != '+' && source.startsWith("\n", position)) {
      moveTo(position + 1);
      atLineStart = true;
    }
  }

  private void inside(Token.Kind beginKind, Token.Kind endKind, String delimiter) {
    add(beginKind, "");
    int begun = line;
    int open = 0;
    while (true) {
      skipSpace();
      if (position >= source.length()) {
        throw JinjaException.at(begun, "a tag is never closed; add " + delimiter);
      }
      char sign = source.charAt(position);
      boolean signed = sign == '-' || (sign == '+' && endKind == Token.Kind.BLOCK_END);
      if (open == 0 && source.startsWith(delimiter, position + (signed ? 1 : 0))) {
        add(endKind, "");
        moveTo(position + (signed ? 3 : 2));
        if (endKind == Token.Kind.BLOCK_END) {
          afterBlock(sign);
        } else {
          strip = sign == '-';
          atLineStart = false;
        }
        return;
      }
      open += token();
    }
  }

  /** Reads one token; returns by how much it changes the number of open brackets. */
  private int token() {
    Matcher matcher = TOKEN.matcher(source).region(position, source.length());
    if (!matcher.lookingAt()) {
      throw JinjaException.at(line, "unexpected character '" + source.charAt(position) + "'");
    }
    String text = matcher.group();
    if (matcher.group("name") != null) {
      add(Token.Kind.NAME, text);
    } else if (matcher.group("float") != null) {
      add(Token.Kind.FLOAT, text.replace("_", ""));
    } else if (matcher.group("integer") != null) {
      add(Token.Kind.INTEGER, text.replace("_", ""));
    } else if (matcher.group("string") != null) {
      add(Token.Kind.STRING, Escapes.decode(text.substring(1, text.length() - 1)));
    } else {
      add(Token.Kind.OPERATOR, text);
    }
    moveTo(matcher.end());
    return "([{".contains(text) ? 1 : ")]}".contains(text) ? -1 : 0;
  }

  private void skipSpace() {
    int end = position;
    while (end < source.length() && Character.isWhitespace(source.charAt(end))) {
      end++;
    }
    moveTo(end);
  }

  private void add(Token.Kind kind, String value) {
    tokens.add(new Token(kind, value, line));
  }

  private void moveTo(int next) {
    count(source.substring(position, next));
    position = next;
  }

  private void count(String passed) {
    line += (int) passed.chars().filter(c -> c == '\n').count();
  }
}
