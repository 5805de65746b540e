package ai.cacheblend.worker.chunks;

/** When a chunk is written to the tiers below the device. */
public enum WritePolicy {
  /** When it has been computed. */
  THROUGH,
  /** When the device evicts it. */
  BACK
}
