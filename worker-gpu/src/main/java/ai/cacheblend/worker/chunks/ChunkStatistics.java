package ai.cacheblend.worker.chunks;

/** Content of the store, and its counters since the worker started. */
public record ChunkStatistics(
    long chunkCount,
    long byteCount,
    long budgetByteCount,
    long hitCount,
    long computedCount,
    long evictedCount) {}
