package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.AcquireLeaseRequest;
import ai.cacheblend.proto.v1.Lease;
import ai.cacheblend.proto.v1.LeaseStatistics;
import ai.cacheblend.proto.v1.WorkerGrpc;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Leases of a mock worker. They end when they are released, or by {@link #endAll}. */
final class MockLeases implements ServerInterceptor {
  private static final Metadata.Key<String> LEASE_ID =
      Metadata.Key.of("cacheblend-lease-id", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<String> CURRENT = Context.key("lease-id");
  private static final Set<String> FREE =
      Set.of(
          WorkerGrpc.getDescribeMethod().getFullMethodName(),
          WorkerGrpc.getAcquireLeaseMethod().getFullMethodName(),
          WorkerGrpc.getReleaseLeaseMethod().getFullMethodName());

  private record Held(String holder, boolean shared, AtomicLong ownRequests, long before) {}

  @GuardedBy("this")
  private final Map<String, Held> leases = new LinkedHashMap<>();

  @GuardedBy("this")
  private long requestCount;

  synchronized String acquire(AcquireLeaseRequest request) {
    if (!request.getLeaseId().isEmpty()) {
      requireHeld(request.getLeaseId());
      return request.getLeaseId();
    }
    for (Held other : leases.values()) {
      if (!request.getShared() || !other.shared) {
        throw refused("the worker is leased to \"" + other.holder + "\"");
      }
    }
    String id = UUID.randomUUID().toString();
    leases.put(
        id, new Held(request.getHolder(), request.getShared(), new AtomicLong(), requestCount));
    return id;
  }

  synchronized void release(String id) {
    leases.remove(id);
  }

  /** Ends all leases. */
  synchronized void endAll() {
    leases.clear();
  }

  synchronized LeaseStatistics statistics() {
    LeaseStatistics.Builder statistics = LeaseStatistics.newBuilder().setRequestCount(requestCount);
    for (Held lease : leases.values()) {
      statistics.addLeases(
          Lease.newBuilder()
              .setHolder(lease.holder)
              .setShared(lease.shared)
              .setRequestCount(lease.ownRequests.get()));
    }
    Optional.ofNullable(CURRENT.get())
        .map(leases::get)
        .ifPresent(
            own ->
                statistics.setForeignRequestCount(
                    requestCount - own.before - own.ownRequests.get()));
    return statistics.build();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Optional<String> id = Optional.ofNullable(headers.get(LEASE_ID));
    try {
      if (call.getMethodDescriptor().getFullMethodName().startsWith(WorkerGrpc.SERVICE_NAME)
          && !FREE.contains(call.getMethodDescriptor().getFullMethodName())) {
        begin(id);
      }
    } catch (StatusRuntimeException e) {
      call.close(e.getStatus(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(
        Context.current().withValue(CURRENT, id.orElse(null)), call, headers, next);
  }

  private synchronized void begin(Optional<String> id) {
    if (id.isPresent()) {
      requireHeld(id.get()).ownRequests.incrementAndGet();
    } else {
      leases.values().stream()
          .filter(lease -> !lease.shared)
          .findFirst()
          .ifPresent(
              lease -> {
                throw refused("the worker is leased to \"" + lease.holder + "\"");
              });
    }
    requestCount++;
  }

  @GuardedBy("this")
  private Held requireHeld(String id) {
    Held lease = leases.get(id);
    if (lease == null) {
      throw refused("the lease of this call has ended; acquire a new one");
    }
    return lease;
  }

  private static StatusRuntimeException refused(String reason) {
    return Status.FAILED_PRECONDITION.withDescription(reason).asRuntimeException();
  }
}
