package ai.cacheblend.worker.export;

import com.google.common.base.CharMatcher;
import java.io.IOException;

/** A checkpoint that cannot be exported, or a folder that cannot be written; one line. */
public final class ExportException extends IOException {

  public ExportException(String message) {
    super(oneLine(message));
  }

  public ExportException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /** Names in damaged files can hold line breaks. */
  private static String oneLine(String message) {
    return CharMatcher.javaIsoControl().replaceFrom(message, '?');
  }
}
