package ai.cacheblend.hub;

import java.io.IOException;

/** A repository or file that the cache does not hold in full; one line with the remedy. */
public final class HubException extends IOException {

  HubException(String message) {
    super(message);
  }

  HubException(String message, Throwable cause) {
    super(message, cause);
  }
}
