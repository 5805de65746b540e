package ai.cacheblend.orchestrator.run;

/** A run cannot continue. The message is one line. */
public final class RunFailedException extends RuntimeException {
  public RunFailedException(String message) {
    super(message);
  }
}
