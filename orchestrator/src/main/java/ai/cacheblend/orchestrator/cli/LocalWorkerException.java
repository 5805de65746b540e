package ai.cacheblend.orchestrator.cli;

/** A local worker that does not start, or ended early. */
final class LocalWorkerException extends RuntimeException {
  LocalWorkerException(String message) {
    super(message);
  }
}
