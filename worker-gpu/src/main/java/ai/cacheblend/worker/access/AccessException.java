package ai.cacheblend.worker.access;

/** A certificate, key or token file that cannot be used. The message names file and remedy. */
public final class AccessException extends RuntimeException {
  AccessException(String message, Throwable cause) {
    super(message, cause);
  }

  AccessException(String message) {
    super(message);
  }
}
