package ai.cacheblend.orchestrator.client;

import ai.cacheblend.proto.v1.AcquireLeaseRequest;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.Lease;
import ai.cacheblend.proto.v1.ReleaseLeaseRequest;
import ai.cacheblend.proto.v1.ReleaseLeaseResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The lease of a client on its worker. */
final class WorkerLease {
  /** A lease that is not renewed expires after this time. */
  private static final int SECONDS = 15;

  private static final int RELEASE_SECONDS = 2;

  private final String address;
  private final Channel channel;
  private final WorkerCalls calls;
  private final CallMetadata metadata;

  WorkerLease(String address, Channel channel, WorkerCalls calls, CallMetadata metadata) {
    this.address = address;
    this.channel = channel;
    this.calls = calls;
    this.metadata = metadata;
  }

  /**
   * Acquires the lease.
   *
   * @throws WorkerException if another client holds it; the message names the holder
   */
  void acquire(String holder, boolean shared, LeaseWait wait) {
    wait.run(address, () -> acquire(holder, shared), this::holders);
  }

  private void acquire(String holder, boolean shared) {
    AcquireLeaseRequest request =
        AcquireLeaseRequest.newBuilder()
            .setHolder(holder)
            .setTtlSeconds(SECONDS)
            .setShared(shared)
            .build();
    metadata.setLeaseId(calls.call(stub -> stub.acquireLease(request).getLeaseId()));
  }

  private List<String> holders() {
    return calls.call(
        stub ->
            stub.describe(DescribeRequest.getDefaultInstance()).getLeases().getLeasesList().stream()
                .map(Lease::getHolder)
                .toList());
  }

  /** Renews the lease, if there is one, without waiting for the response. */
  void renew() {
    if (metadata.leaseId().isEmpty()) {
      return;
    }
    WorkerGrpc.newStub(channel)
        .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)
        .acquireLease(
            AcquireLeaseRequest.newBuilder()
                .setLeaseId(metadata.leaseId())
                .setTtlSeconds(SECONDS)
                .build(),
            // If the lease has ended, the worker rejects the next call.
            new EndObserver<>(status -> {}));
  }

  /** Ends the lease. On a worker that does not respond, it ends when it expires. */
  void release() {
    String id = metadata.leaseId();
    metadata.setLeaseId("");
    if (id.isEmpty() || calls.heartbeat().lost().isPresent()) {
      return;
    }
    try {
      ReleaseLeaseResponse unused =
          WorkerGrpc.newBlockingStub(channel)
              .withDeadlineAfter(RELEASE_SECONDS, TimeUnit.SECONDS)
              .releaseLease(ReleaseLeaseRequest.newBuilder().setLeaseId(id).build());
    } catch (StatusRuntimeException e) {
      // The lease expires.
    }
  }
}
