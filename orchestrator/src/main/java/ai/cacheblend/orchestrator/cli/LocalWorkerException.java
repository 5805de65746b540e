package ai.cacheblend.orchestrator.cli;

/** A local worker did not start, or exited early. */
final class LocalWorkerException extends RuntimeException {
  LocalWorkerException(String message) {
    super(message);
  }
}
