package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

import java.io.IOException;

/** A repository or file that cannot be had; the message is one line with the remedy. */
public final class HubException extends IOException {

  /** What callers can act upon: another repository may have what this one has not. */
  public enum Reason {
    /** The Hub has no such repository or revision, or it is private. */
    NOT_FOUND,
    /** The repository is gated, and the token has no access to it. */
    NO_ACCESS,
    /** The repository has none of the files. */
    NO_SUCH_FILE,
    /** Not in the cache, and downloads are switched off. */
    OFFLINE,
    /** The Hub cannot be reached, or fails. */
    UNREACHABLE,
    /** The answer of the Hub cannot be used: damaged content, unsafe paths. */
    BAD_RESPONSE,
    /** The cache cannot be read or written, or contradicts itself. */
    CACHE
  }

  private final Reason reason;

  HubException(Reason reason, String message) {
    this(reason, message, null);
  }

  HubException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = requireNonNull(reason, "reason is null");
  }

  public Reason reason() {
    return reason;
  }
}
