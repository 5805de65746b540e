package ai.cacheblend.worker.kv;

/**
 * KV of a chunk. One sequence captures it, once, or one {@link KvTransfer} loads it; it is
 * immutable from then on. Sequences that inject a chunk keep its memory alive after it is closed.
 */
public interface StoredKv extends AutoCloseable {
  int tokenCount();

  long byteCount();

  /**
   * Copies the KV to memory of {@link KvPool#allocateHost}, keys before rotation, layer after
   * layer. A native layer is {@code [key, value][token][KV heads · head size]} in the numbers of
   * the device. An encoded one has a byte for each number, and behind them {@code [key,
   * value][token][KV heads]} fp32 scales.
   *
   * @throws IllegalStateException if the chunk is not complete
   * @throws KvExhaustedException if the device has too little memory
   */
  void copyTo(HostMemory to, long offset, KvEncoding encoding);

  @Override
  void close();
}
