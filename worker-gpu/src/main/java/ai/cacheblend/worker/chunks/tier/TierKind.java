package ai.cacheblend.worker.chunks.tier;

/** Where a chunk is stored, the fastest first. */
public enum TierKind {
  DEVICE,
  HOST,
  DISK,
  STORE
}
