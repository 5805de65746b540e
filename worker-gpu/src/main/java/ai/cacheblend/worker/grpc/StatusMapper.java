package ai.cacheblend.worker.grpc;

import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.WorkerException;
import io.grpc.Status;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Maps failures to gRPC statuses. Logs unexpected errors and model failures with their cause. */
final class StatusMapper {
  private static final Logger log = LoggerFactory.getLogger(StatusMapper.class);

  private StatusMapper() {}

  static Status toStatus(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof WorkerException expected) {
      if (expected.kind() == FailureKind.MODEL_FAILURE) {
        log.error("model failure", expected);
      }
      return code(expected.kind()).withDescription(expected.getMessage());
    }
    log.error("unexpected error", cause);
    return Status.INTERNAL.withDescription(
        "unexpected error (" + cause.getClass().getSimpleName() + "); see the worker log");
  }

  private static Status code(FailureKind kind) {
    return switch (kind) {
      case INVALID_REQUEST -> Status.INVALID_ARGUMENT;
      case UNKNOWN_CHUNK -> Status.NOT_FOUND;
      case CAPACITY_EXCEEDED -> Status.RESOURCE_EXHAUSTED;
      case LEASE_HELD, TIER_UNAVAILABLE -> Status.FAILED_PRECONDITION;
      case SHUTTING_DOWN, DEVICE_LOST -> Status.UNAVAILABLE;
      case CANCELLED -> Status.CANCELLED;
      case DEADLINE_EXCEEDED -> Status.DEADLINE_EXCEEDED;
      case MODEL_FAILURE -> Status.INTERNAL;
    };
  }
}
