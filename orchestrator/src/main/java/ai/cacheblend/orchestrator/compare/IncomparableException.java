package ai.cacheblend.orchestrator.compare;

/** Two runs cannot be compared; the message names the difference. */
public final class IncomparableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  IncomparableException(String message) {
    super(message);
  }
}
