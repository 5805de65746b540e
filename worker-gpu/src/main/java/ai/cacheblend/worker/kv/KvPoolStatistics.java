package ai.cacheblend.worker.kv;

/**
 * State of a pool at one moment.
 *
 * @param freeBlockCount blocks that no sequence uses, cached ones included
 * @param reservedBlockCount blocks that sequences use; a shared block counts once
 * @param byteCount size of all blocks
 * @param chunkCount stored chunks, including closed ones that a sequence still injects
 * @param cachedBlockCount blocks with KV that later prompts can share, free or reserved
 * @param evictedBlockCount cached blocks that were taken for other sequences, so far
 */
public record KvPoolStatistics(
    int blockTokenCount,
    long totalBlockCount,
    long freeBlockCount,
    long reservedBlockCount,
    long byteCount,
    long sequenceCount,
    long chunkCount,
    long chunkByteCount,
    long cachedBlockCount,
    long evictedBlockCount) {
  public KvPoolStatistics {
    if (freeBlockCount < 0
        || reservedBlockCount < 0
        || freeBlockCount + reservedBlockCount != totalBlockCount) {
      throw new IllegalArgumentException(
          "%d free and %d reserved blocks do not add up to %d"
              .formatted(freeBlockCount, reservedBlockCount, totalBlockCount));
    }
    if (cachedBlockCount < 0 || cachedBlockCount > totalBlockCount) {
      throw new IllegalArgumentException(
          "%d of %d blocks are cached".formatted(cachedBlockCount, totalBlockCount));
    }
  }
}
