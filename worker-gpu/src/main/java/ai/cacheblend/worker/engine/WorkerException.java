package ai.cacheblend.worker.engine;

import static java.util.Objects.requireNonNull;

/** An expected failure of a request. The message is sent to the caller. */
public final class WorkerException extends RuntimeException {
  private final FailureKind kind;

  public WorkerException(FailureKind kind, String message) {
    this(kind, message, null);
  }

  public WorkerException(FailureKind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = requireNonNull(kind, "kind is null");
  }

  public FailureKind kind() {
    return kind;
  }
}
