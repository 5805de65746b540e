package ai.cacheblend.orchestrator.parquet;

import java.io.IOException;

/** A file that is damaged, or that uses a feature which is not read; one line. */
public final class ParquetException extends IOException {
  ParquetException(String message) {
    super(message);
  }

  ParquetException(String message, Throwable cause) {
    super(message, cause);
  }
}
