package ai.cacheblend.orchestrator.client;

/**
 * A stored chunk.
 *
 * @param hit whether it had been stored before
 * @param computeNanos time the worker took to compute and store it; 0 for a hit
 */
public record CollectedChunk(
    String key, int tokenCount, long byteCount, boolean hit, long computeNanos) {}
