package ai.cacheblend.orchestrator.compare;

/** Two runs measured different things; the message names what. */
public final class IncomparableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  IncomparableException(String message) {
    super(message);
  }
}
