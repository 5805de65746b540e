package ai.cacheblend.worker.kv;

/**
 * State of a pool at one moment.
 *
 * @param byteCount size of all blocks
 * @param chunkCount stored chunks, including closed ones that a sequence still injects
 */
public record KvPoolStatistics(
    int blockTokenCount,
    long totalBlockCount,
    long freeBlockCount,
    long reservedBlockCount,
    long byteCount,
    long sequenceCount,
    long chunkCount,
    long chunkByteCount) {
  public KvPoolStatistics {
    if (freeBlockCount < 0
        || reservedBlockCount < 0
        || freeBlockCount + reservedBlockCount != totalBlockCount) {
      throw new IllegalArgumentException(
          "%d free and %d reserved blocks do not add up to %d"
              .formatted(freeBlockCount, reservedBlockCount, totalBlockCount));
    }
  }
}
