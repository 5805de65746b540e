package ai.cacheblend.worker.chunks;

/** KV memory that cannot be had now; the message says how much, of what, and the remedy. */
public final class CapacityException extends RuntimeException {
  public CapacityException(String message) {
    super(message);
  }

  public CapacityException(String message, Throwable cause) {
    super(message, cause);
  }
}
