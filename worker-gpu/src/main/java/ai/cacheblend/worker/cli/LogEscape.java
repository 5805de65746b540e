package ai.cacheblend.worker.cli;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/**
 * The message of a log event without control characters: requests and model files determine parts
 * of messages, and a terminal or a reader of lines would obey what they contain.
 */
public final class LogEscape extends MessageConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return escape(super.convert(event));
  }

  static String escape(String text) {
    if (text == null || text.codePoints().noneMatch(LogEscape::isHidden)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (isHidden(c)) {
                escaped.append(c <= 0xffff ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
              } else {
                escaped.appendCodePoint(c);
              }
            });
    return escaped.toString();
  }

  /** Control characters, changes of direction, line separators, halves of surrogate pairs. */
  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}
