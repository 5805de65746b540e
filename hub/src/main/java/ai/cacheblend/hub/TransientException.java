package ai.cacheblend.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A failure that may not repeat: of the network, or of a server that is busy. */
final class TransientException extends IOException {

  private final transient Optional<Duration> retryAfter;

  /**
   * @param retryAfter what the server says
   */
  TransientException(String message, Optional<Duration> retryAfter, Throwable cause) {
    super(message, cause);
    this.retryAfter = retryAfter;
  }

  Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
