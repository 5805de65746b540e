package ai.cacheblend.orchestrator.cli;

/** A worker that was to be started here and is not there. */
final class LocalWorkerException extends RuntimeException {
  LocalWorkerException(String message) {
    super(message);
  }
}
