package ai.cacheblend.orchestrator.cli;

/** An output folder is not usable at present. */
final class OutputException extends RuntimeException {
  OutputException(String message) {
    super(message);
  }
}
