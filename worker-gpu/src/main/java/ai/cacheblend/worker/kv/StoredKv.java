package ai.cacheblend.worker.kv;

/**
 * KV of a chunk. One sequence captures it, once, or one {@link KvTransfer} loads it; it is
 * immutable from then on. Sequences that inject a chunk keep its memory alive after it is closed.
 */
public interface StoredKv extends AutoCloseable {
  int tokenCount();

  long byteCount();

  /**
   * Copies the KV to memory of {@link KvPool#allocateHost}: {@link #byteCount} bytes, {@code
   * [layer][key, value][token][KV heads · head size]}, keys before rotation.
   *
   * @throws IllegalStateException if the chunk is not complete
   */
  void copyTo(HostMemory to, long offset);

  @Override
  void close();
}
