package ai.cacheblend.orchestrator.records;

/**
 * A result folder cannot be read; the message names the file, what is wrong with it, and what to
 * do.
 */
public final class ResultsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ResultsException(String message) {
    super(message);
  }
}
