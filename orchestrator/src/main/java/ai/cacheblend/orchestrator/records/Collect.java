package ai.cacheblend.orchestrator.records;

/**
 * Collection of a block's chunks.
 *
 * @param hitCount chunks that were stored before
 * @param byteCount size of the chunks' KV
 * @param clientNanos duration of the call
 * @param workerNanos compute time of all chunks, as reported by the worker
 */
public record Collect(
    int chunkCount,
    int hitCount,
    int tokenCount,
    long byteCount,
    long clientNanos,
    long workerNanos) {
  private static final double NANOS_PER_SECOND = 1e9;

  public double clientSeconds() {
    return clientNanos / NANOS_PER_SECOND;
  }
}
