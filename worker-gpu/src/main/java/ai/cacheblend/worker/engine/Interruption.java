package ai.cacheblend.worker.engine;

import java.util.Optional;

/** Asked before a request starts and between its steps. */
@FunctionalInterface
public interface Interruption {
  Interruption NEVER = Optional::empty;

  /** Why the request should stop, if it should. */
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
                    case INVALID_REQUEST, UNKNOWN_CHUNK, CAPACITY_EXCEEDED, MODEL_FAILURE ->
                        "the request was interrupted";
                  });
            });
  }

  /** The first of two reasons. */
  default Interruption or(Interruption other) {
    return () -> reason().or(other::reason);
  }
}
