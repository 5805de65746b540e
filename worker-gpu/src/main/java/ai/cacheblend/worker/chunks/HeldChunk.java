package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.kv.StoredKv;

/**
 * A chunk on the device or on its way there.
 *
 * @param origin where it was when the prompt began
 */
public record HeldChunk(ChunkStore.Lease lease, TierKind origin) implements AutoCloseable {
  public StoredKv kv() {
    return lease.kv();
  }

  /** Whether layers of it did not arrive: results of steps that use it are wrong. */
  public boolean lost() {
    return lease.load().failed();
  }

  @Override
  public void close() {
    lease.close();
  }
}
