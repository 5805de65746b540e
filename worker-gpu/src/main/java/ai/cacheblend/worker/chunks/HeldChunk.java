package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.kv.StoredKv;
import java.util.Optional;

/** A chunk on the device or on its way there. */
public final class HeldChunk implements AutoCloseable {
  private final ChunkStore.Lease lease;
  private final ChunkLocation location;
  private final Optional<LoadTimer> timer;

  /**
   * @param location where it was when the prompt began
   * @param timer of its load; empty if it was on the device
   */
  HeldChunk(ChunkStore.Lease lease, ChunkLocation location, Optional<LoadTimer> timer) {
    this.lease = lease;
    this.location = location;
    this.timer = timer;
  }

  static HeldChunk resident(ChunkStore.Lease lease) {
    return new HeldChunk(
        lease, new ChunkLocation(TierKind.DEVICE, lease.kv().byteCount(), 0), Optional.empty());
  }

  /** Another lease of the same chunk. */
  HeldChunk again() {
    return new HeldChunk(lease.again(), location, timer);
  }

  public StoredKv kv() {
    return lease.kv();
  }

  /** Where it was when the prompt began. */
  public ChunkLocation location() {
    return location;
  }

  /** Whether layers of it did not arrive: results of steps that use it are wrong. */
  public boolean lost() {
    return lease.load().failed();
  }

  /** Duration of the load that it is part of; 0 if it was on the device. */
  public long loadNanos() {
    return timer.map(LoadTimer::nanos).orElse(0L);
  }

  @Override
  public void close() {
    lease.close();
  }
}
