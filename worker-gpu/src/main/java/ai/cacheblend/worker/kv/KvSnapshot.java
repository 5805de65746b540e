package ai.cacheblend.worker.kv;

/**
 * State of a pool at one moment.
 *
 * @param byteCount of all blocks; memory that no sequence has touched costs nothing
 * @param chunkCount stored chunks, also those that were closed while a sequence still places them
 */
public record KvSnapshot(
    int blockTokenCount,
    long totalBlockCount,
    long freeBlockCount,
    long reservedBlockCount,
    long byteCount,
    long sequenceCount,
    long chunkCount,
    long chunkByteCount) {
  public KvSnapshot {
    if (freeBlockCount < 0
        || reservedBlockCount < 0
        || freeBlockCount + reservedBlockCount != totalBlockCount) {
      throw new IllegalArgumentException(
          "free %d + reserved %d is not total %d blocks"
              .formatted(freeBlockCount, reservedBlockCount, totalBlockCount));
    }
  }
}
