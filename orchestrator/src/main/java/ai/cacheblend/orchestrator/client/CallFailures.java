package ai.cacheblend.orchestrator.client;

import static com.google.common.base.Throwables.getCausalChain;

import io.grpc.Status;
import java.net.UnknownHostException;

/** Maps the failures of calls of one worker. */
final class CallFailures {
  private final String address;
  private final Heartbeat heartbeat;

  CallFailures(String address, Heartbeat heartbeat) {
    this.address = address;
    this.heartbeat = heartbeat;
  }

  WorkerException of(Throwable thrown) {
    if (thrown instanceof WorkerException known) {
      return known;
    }
    if (heartbeat.lost().isPresent()) {
      return new WorkerException(
          WorkerException.Kind.UNREACHABLE,
          address,
          Status.Code.UNAVAILABLE.name(),
          heartbeat.lost().get(),
          thrown);
    }
    Status status = Status.fromThrowable(thrown);
    WorkerException.Kind kind =
        switch (status.getCode()) {
          // This client cancels no call, so CANCELLED means that the worker closed the connection.
          // FAILED_PRECONDITION: another client holds the lease.
          case UNAVAILABLE, CANCELLED, FAILED_PRECONDITION -> WorkerException.Kind.UNREACHABLE;
          case INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED ->
              WorkerException.Kind.REFUSED;
          case RESOURCE_EXHAUSTED -> WorkerException.Kind.EXHAUSTED;
          default -> WorkerException.Kind.FAILED;
        };
    String reason = status.getDescription();
    if (getCausalChain(thrown).stream().anyMatch(UnknownHostException.class::isInstance)) {
      reason = "the host name does not resolve; check it, or give the IP address of the worker";
    } else if (reason == null) {
      reason = status.getCause() == null ? "no reason given" : status.getCause().toString();
    } else if (status.getCause() != null && status.getCause().getMessage() != null) {
      reason += " (" + status.getCause().getMessage() + ")";
    }
    return new WorkerException(kind, address, status.getCode().name(), reason, thrown);
  }
}
