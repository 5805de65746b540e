package ai.cacheblend.orchestrator.dataset;

/**
 * A data set or prompt template that cannot be used. The message is one line: where, what is wrong,
 * what to do.
 */
public final class DatasetException extends RuntimeException {
  public DatasetException(String message) {
    super(message);
  }

  public DatasetException(String message, Throwable cause) {
    super(message, cause);
  }
}
