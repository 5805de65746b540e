package ai.cacheblend.worker.chunks.tier;

import static java.util.Objects.requireNonNull;

/**
 * Content of a tier, and its counters since the worker started.
 *
 * @param chunkCount of entries that are known; 0 where the tier does not list them
 * @param byteCount of these entries
 * @param budgetByteCount 0 where the storage sets the limit
 * @param hitCount reads that returned a chunk
 * @param missCount reads that returned none, corrupt entries included
 * @param evictedCount entries removed for others
 * @param corruptCount entries that failed a check
 * @param readByteCount of chunks read
 * @param readNanos time in which reads ran; overlapping reads count once
 * @param writtenByteCount of chunks written
 * @param writeNanos time in which writes ran; overlapping writes count once
 */
public record TierStatistics(
    TierKind kind,
    long chunkCount,
    long byteCount,
    long budgetByteCount,
    long hitCount,
    long missCount,
    long evictedCount,
    long corruptCount,
    long readByteCount,
    long readNanos,
    long writtenByteCount,
    long writeNanos) {
  public TierStatistics {
    requireNonNull(kind, "kind is null");
  }
}
