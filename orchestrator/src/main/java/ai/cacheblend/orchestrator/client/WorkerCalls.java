package ai.cacheblend.orchestrator.client;

import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.WorkerGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Unary calls of one worker: with a deadline, and ended early if the worker is lost. */
final class WorkerCalls {
  private final Channel channel;
  private final Duration timeout;
  private final Heartbeat heartbeat;
  private final CallFailures failures;

  WorkerCalls(String address, Channel channel, ClientLimits limits) {
    this.channel = channel;
    this.timeout = limits.callTimeout();
    this.heartbeat = new Heartbeat(this::probe, limits.heartbeatSeconds());
    this.failures = new CallFailures(address, heartbeat);
  }

  Heartbeat heartbeat() {
    return heartbeat;
  }

  CallFailures failures() {
    return failures;
  }

  /**
   * Makes a call and waits for its response.
   *
   * @throws WorkerException if it fails
   */
  <T> T call(Function<WorkerGrpc.WorkerBlockingStub, T> body) {
    try {
      return heartbeat.during(
          () ->
              body.apply(
                  WorkerGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)));
    } catch (Exception e) {
      throw failures.of(e);
    }
  }

  /** A stub for one call that starts now. */
  WorkerGrpc.WorkerStub stub() {
    return withDeadline(WorkerGrpc.newStub(channel));
  }

  WorkerGrpc.WorkerStub withDeadline(WorkerGrpc.WorkerStub stub) {
    return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void probe(Runnable onResponse) {
    stub()
        .describe(
            DescribeRequest.getDefaultInstance(),
            new EndObserver<>(
                status -> {
                  // Any other status is a response, or the end of the connection and of the call.
                  if (status.getCode() != Status.Code.DEADLINE_EXCEEDED) {
                    onResponse.run();
                  }
                }));
  }
}
