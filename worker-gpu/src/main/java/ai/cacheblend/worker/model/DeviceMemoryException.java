package ai.cacheblend.worker.model;

/** The device has no room for what a step needs; the session can go on with a smaller one. */
public final class DeviceMemoryException extends RuntimeException {
  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
