package ai.cacheblend.worker.model;

/** The runtime failed to load or run a model. */
public final class ModelFailureException extends RuntimeException {
  public ModelFailureException(String message) {
    super(message);
  }

  public ModelFailureException(String message, Throwable cause) {
    super(message, cause);
  }
}
