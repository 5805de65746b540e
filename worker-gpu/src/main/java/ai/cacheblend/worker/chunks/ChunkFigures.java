package ai.cacheblend.worker.chunks;

/** How full the store is, and what it has done since the worker started. */
public record ChunkFigures(
    long chunkCount,
    long byteCount,
    long budgetByteCount,
    long hitCount,
    long computedCount,
    long evictedCount) {}
