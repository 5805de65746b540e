package ai.cacheblend.worker.kv;

/**
 * KV memory of one device: sequences reserve blocks of it, stored chunks are allocated beside them.
 * Thread-safe. What came from a pool may be closed after it.
 */
public interface KvPool extends AutoCloseable {
  /**
   * Reserves the blocks of every token that a sequence can have, prompt and answer.
   *
   * @throws KvExhaustedException if too few blocks are free
   */
  KvSequence reserve(int maxTokenCount);

  /**
   * Allocates an empty chunk, for a sequence of this pool to capture.
   *
   * @throws KvExhaustedException if the device has too little memory
   */
  StoredKv allocateChunk(int tokenCount);

  /** Bytes that {@link #allocateChunk} takes. */
  long chunkByteCount(int tokenCount);

  KvPoolStatistics statistics();

  @Override
  void close();
}
