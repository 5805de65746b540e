package ai.cacheblend.worker.export;

import java.io.IOException;

/** A checkpoint that cannot be exported, or a folder that cannot be written; one line. */
public final class ExportException extends IOException {

  public ExportException(String message) {
    super(message);
  }

  public ExportException(String message, Throwable cause) {
    super(message, cause);
  }
}
