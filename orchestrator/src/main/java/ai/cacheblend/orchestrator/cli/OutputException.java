package ai.cacheblend.orchestrator.cli;

/** An output folder that cannot be used now. */
final class OutputException extends RuntimeException {
  OutputException(String message) {
    super(message);
  }
}
