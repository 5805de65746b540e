package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;

/**
 * The order in which a tier evicts its chunks. Belongs to one tier, which calls it under its lock.
 */
interface EvictionPolicy {
  /** A chunk was added, or used. */
  void used(ChunkKey key);

  /** The chunk has left the tier. */
  void removed(ChunkKey key);

  /** All chunks, the first to be evicted first. */
  Iterable<ChunkKey> order();
}
