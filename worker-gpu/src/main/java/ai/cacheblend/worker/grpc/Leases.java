package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.Lease;
import ai.cacheblend.proto.v1.LeaseStatistics;
import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.WorkerException;
import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The leases on the worker, and the requests of their holders: one exclusive lease, or any number
 * of shared ones. A lease that is not renewed ends by itself; its holder can still use and renew it
 * until another caller has acquired a lease or sent a request that computes. So a holder that a
 * busy machine delays keeps a worker that is not in demand. Thread-safe.
 */
final class Leases {
  private static final int MAX_SHARED_COUNT = 64;

  private static final class Held {
    private final String holder;
    private final boolean shared;
    private final long firstForeignRequest;
    private long endNanos;
    private long requestCount;

    private Held(String holder, boolean shared, long firstForeignRequest) {
      this.holder = holder;
      this.shared = shared;
      this.firstForeignRequest = firstForeignRequest;
    }
  }

  private final Ticker ticker;
  private final Map<String, Held> leases = new LinkedHashMap<>();
  private long requestCount;
  private long refusedCount;
  private int activeCount;

  Leases(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Returns the id of the new lease. */
  synchronized String acquire(String holder, Duration timeToLive, boolean shared) {
    removeEnded();
    for (Held other : leases.values()) {
      if (!shared || !other.shared) {
        throw held(
            "the worker is leased to \"%s\" for another %d s; %s"
                .formatted(
                    other.holder,
                    remaining(other).toSeconds() + 1,
                    other.shared
                        ? "wait until that run ends, or share the worker with it (--shared)"
                        : "wait until that run ends, or use another worker"));
      }
    }
    if (leases.size() >= MAX_SHARED_COUNT) {
      throw new WorkerException(
          FailureKind.CAPACITY_EXCEEDED,
          "the worker has %d shared leases; wait until one ends".formatted(leases.size()));
    }
    Held lease = new Held(holder, shared, requestCount - activeCount);
    lease.endNanos = ticker.read() + timeToLive.toNanos();
    String id = UUID.randomUUID().toString();
    leases.put(id, lease);
    return id;
  }

  synchronized void renew(String id, Duration timeToLive) {
    find(id).endNanos = ticker.read() + timeToLive.toNanos();
  }

  synchronized void release(String id) {
    leases.remove(id);
  }

  /** Counts a request, or refuses it if it {@code computes} while a lease excludes its caller. */
  synchronized void begin(Optional<String> id, boolean computes) {
    try {
      if (id.isPresent() && (computes || leases.containsKey(id.get()))) {
        find(id.get()).requestCount++;
      } else if (computes) {
        removeEnded();
        requireNoExclusive();
      }
    } catch (WorkerException e) {
      refusedCount++;
      throw e;
    }
    requestCount++;
    activeCount++;
  }

  /** Ends a request that was counted. */
  synchronized void end() {
    activeCount--;
  }

  synchronized LeaseStatistics statistics(Optional<String> callerId) {
    LeaseStatistics.Builder message =
        LeaseStatistics.newBuilder()
            .setRequestCount(requestCount)
            .setRefusedRequestCount(refusedCount)
            .setActiveRequestCount(activeCount);
    for (Held lease : leases.values()) {
      if (ended(lease)) {
        continue;
      }
      message.addLeases(
          Lease.newBuilder()
              .setHolder(lease.holder)
              .setShared(lease.shared)
              .setRemainingMillis(remaining(lease).toMillis())
              .setRequestCount(lease.requestCount));
    }
    callerId
        .map(leases::get)
        .ifPresent(
            own ->
                message.setForeignRequestCount(
                    requestCount - own.firstForeignRequest - own.requestCount));
    return message.build();
  }

  private Held find(String id) {
    Held lease = leases.get(id);
    if (lease == null) {
      throw held(
          leases.isEmpty()
              ? "the lease of this call has ended; acquire a new one"
              : "the lease of this call has ended, and the worker is leased to \"%s\"; start the run"
                      .formatted(leases.values().iterator().next().holder)
                  + " again when that lease has ended");
    }
    return lease;
  }

  private void requireNoExclusive() {
    for (Held lease : leases.values()) {
      if (!lease.shared) {
        throw held(
            "the worker is leased to \"%s\" for another %d s; wait until that run ends, or use"
                    .formatted(lease.holder, remaining(lease).toSeconds() + 1)
                + " another worker");
      }
    }
  }

  private void removeEnded() {
    leases.values().removeIf(this::ended);
  }

  private boolean ended(Held lease) {
    return remaining(lease).isNegative();
  }

  /** Negative from the moment at which the lease ends. */
  private Duration remaining(Held lease) {
    return Duration.ofNanos(lease.endNanos - ticker.read() - 1);
  }

  private static WorkerException held(String message) {
    return new WorkerException(FailureKind.LEASE_HELD, message);
  }
}
