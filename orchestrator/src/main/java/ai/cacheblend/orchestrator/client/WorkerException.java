package ai.cacheblend.orchestrator.client;

import java.util.Locale;

/** A failed call. The message is one line: worker, status, reason. */
public final class WorkerException extends RuntimeException {

  /** Category of the status. */
  public enum Kind {
    /**
     * The worker is gone, shutting down, or leased to another client; another worker may serve the
     * call.
     */
    UNREACHABLE,
    /** Every worker would refuse the request. */
    REFUSED,
    /** The worker has no capacity for the request now. */
    EXHAUSTED,
    /** An error of the worker, or an answer that violates the contract. */
    FAILED
  }

  private final Kind kind;
  private final String status;

  public WorkerException(Kind kind, String worker, String status, String reason, Throwable cause) {
    super(
        String.format(
            Locale.ROOT,
            "worker %s: %s: %s",
            worker,
            status,
            reason.lines().findFirst().orElse("")),
        cause);
    this.kind = kind;
    this.status = status;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether a lease of another client excluded the call. */
  boolean isLeased() {
    return status.equals("FAILED_PRECONDITION");
  }

  /** The status by its gRPC name, such as {@code NOT_FOUND}. */
  public String status() {
    return status;
  }
}
