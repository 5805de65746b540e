package ai.cacheblend.orchestrator.run;

/** A run that cannot go on. The message is one line. */
public final class RunFailedException extends RuntimeException {
  public RunFailedException(String message) {
    super(message);
  }
}
