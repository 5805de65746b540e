package ai.cacheblend.worker.model;

import java.io.IOException;

/** A model folder that is incomplete, damaged or of another format; one line with the remedy. */
public final class ModelFormatException extends IOException {

  public ModelFormatException(String message) {
    super(message);
  }

  public ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
