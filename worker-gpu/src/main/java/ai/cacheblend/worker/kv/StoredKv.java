package ai.cacheblend.worker.kv;

/**
 * KV of a chunk. One sequence captures it, once; it is immutable from then on. Sequences that
 * inject a chunk keep its memory alive after it is closed.
 */
public interface StoredKv extends AutoCloseable {
  int tokenCount();

  long byteCount();

  @Override
  void close();
}
