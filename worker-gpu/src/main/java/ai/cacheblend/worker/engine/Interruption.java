package ai.cacheblend.worker.engine;

import java.util.Optional;

/** Read before a request starts and between its steps. */
@FunctionalInterface
public interface Interruption {
  Interruption NEVER = Optional::empty;

  /** Why the request must stop; empty if it can continue. */
  Optional<FailureKind> reason();

  default void check() {
    reason()
        .ifPresent(
            kind -> {
              throw new WorkerException(
                  kind,
                  switch (kind) {
                    case CANCELLED -> "the caller cancelled the request";
                    case DEADLINE_EXCEEDED -> "the caller's deadline has passed";
                    case SHUTTING_DOWN -> "the worker is shutting down";
                    case INVALID_REQUEST,
                        UNKNOWN_CHUNK,
                        CAPACITY_EXCEEDED,
                        LEASE_HELD,
                        TIER_UNAVAILABLE,
                        DEVICE_LOST,
                        MODEL_FAILURE ->
                        "the request was interrupted";
                  });
            });
  }

  /** This reason, or else the other. */
  default Interruption or(Interruption other) {
    return () -> reason().or(other::reason);
  }
}
