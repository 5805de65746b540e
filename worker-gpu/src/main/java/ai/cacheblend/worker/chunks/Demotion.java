package ai.cacheblend.worker.chunks;

/** Why a chunk is not in a tier. */
public enum Demotion {
  DONE,
  NO_SUCH_TIER,
  /** Neither the tier nor one above it has the chunk. */
  UNKNOWN_CHUNK,
  /** The tier could not store it. */
  NOT_WRITTEN
}
