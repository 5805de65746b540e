package ai.cacheblend.worker.grpc;

import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.WorkerException;
import io.grpc.Status;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that turns failures into statuses. What nobody foresaw is logged here, once, with
 * its cause.
 */
final class StatusMapper {
  private static final Logger log = LoggerFactory.getLogger(StatusMapper.class);

  private StatusMapper() {}

  static Status toStatus(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof WorkerException foreseen) {
      if (foreseen.kind() == FailureKind.MODEL_FAILURE) {
        log.error("the model failed", foreseen);
      }
      return code(foreseen.kind()).withDescription(foreseen.getMessage());
    }
    log.error("unplanned failure", cause);
    return Status.INTERNAL.withDescription(
        "the worker failed (" + cause.getClass().getSimpleName() + "); its log tells more");
  }

  private static Status code(FailureKind kind) {
    return switch (kind) {
      case INVALID_REQUEST -> Status.INVALID_ARGUMENT;
      case UNKNOWN_CHUNK -> Status.NOT_FOUND;
      case CAPACITY_EXCEEDED -> Status.RESOURCE_EXHAUSTED;
      case SHUTTING_DOWN -> Status.UNAVAILABLE;
      case CANCELLED -> Status.CANCELLED;
      case DEADLINE_EXCEEDED -> Status.DEADLINE_EXCEEDED;
      case MODEL_FAILURE -> Status.INTERNAL;
    };
  }
}
