package ai.cacheblend.worker.export;

import java.io.IOException;
import java.util.regex.Pattern;

/** A checkpoint that cannot be exported, or a folder that cannot be written; one line. */
public final class ExportException extends IOException {
  private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f]");

  public ExportException(String message) {
    super(oneLine(message));
  }

  public ExportException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /** Names in damaged files can hold line breaks. */
  private static String oneLine(String message) {
    return CONTROL
        .matcher(message)
        .replaceAll(match -> "\\\\u%04x".formatted((int) match.group().charAt(0)));
  }
}
