package ai.cacheblend.worker.grpc;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.proto.v1.AcquireLeaseRequest;
import java.time.Duration;

/**
 * A request for a lease.
 *
 * @param id the lease to renew; empty: a new lease
 */
record LeaseRequest(String id, String holder, Duration timeToLive, boolean shared) {
  private static final int MAX_TTL_SECONDS = 3600;
  private static final int MAX_HOLDER_LENGTH = 200;

  LeaseRequest {
    long seconds = timeToLive.toSeconds();
    checkArgument(
        seconds >= 1 && seconds <= MAX_TTL_SECONDS,
        "ttl_seconds is %s; send 1 to %s",
        seconds,
        MAX_TTL_SECONDS);
    if (id.isEmpty()) {
      checkArgument(
          !holder.isBlank() && holder.length() <= MAX_HOLDER_LENGTH,
          "holder has %s characters; send 1 to %s, for example a program name and a host name",
          holder.length(),
          MAX_HOLDER_LENGTH);
      checkArgument(
          holder.chars().noneMatch(Character::isISOControl),
          "holder contains a control character; send printable characters");
    }
  }

  static LeaseRequest of(AcquireLeaseRequest message) {
    return new LeaseRequest(
        message.getLeaseId(),
        message.getHolder(),
        Duration.ofSeconds(Integer.toUnsignedLong(message.getTtlSeconds())),
        message.getShared());
  }

  /** Returns the id of the lease. */
  String apply(Leases leases) {
    if (id.isEmpty()) {
      return leases.acquire(holder, timeToLive, shared);
    }
    leases.renew(id, timeToLive);
    return id;
  }
}
