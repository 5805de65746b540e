package ai.cacheblend.worker.chunks;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.TierKind;

/**
 * Where a chunk would be loaded from now.
 *
 * @param tier the device: it needs no load
 * @param byteCount of its KV
 * @param storageByteCount part of it that is not in host memory yet
 */
public record ChunkLocation(TierKind tier, long byteCount, long storageByteCount) {
  public ChunkLocation {
    requireNonNull(tier, "tier is null");
    checkArgument(
        storageByteCount >= 0 && storageByteCount <= byteCount,
        "storageByteCount is %s, must be 0 to %s",
        storageByteCount,
        byteCount);
  }

  /** Of an entry of host memory, whose origin no later load counts. */
  static ChunkLocation taken(HostTier.Lease entry) {
    return new ChunkLocation(
        entry.takeOrigin(), entry.form().byteCount(), entry.missingByteCount());
  }
}
