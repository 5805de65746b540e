package ai.cacheblend.worker.model;

/** The device has too little memory for a step. The session remains usable for smaller steps. */
public final class DeviceMemoryException extends RuntimeException {
  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
