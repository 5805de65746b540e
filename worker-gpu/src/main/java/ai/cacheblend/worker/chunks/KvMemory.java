package ai.cacheblend.worker.chunks;

/**
 * KV memory as the worker needs it. All but {@link #figures} is called by the scheduler thread
 * alone.
 */
public interface KvMemory extends AutoCloseable {
  /** Room for one running prompt; {@link CapacityException} where there is none. */
  Sequence reserve(int maxTokenCount);

  /** Room for a stored chunk; {@link CapacityException} where there is none. */
  Stored allocateChunk(int tokenCount);

  /** What {@link #allocateChunk} will take. */
  long chunkByteCount(int tokenCount);

  Figures figures();

  @Override
  void close();

  /** KV of one running prompt. */
  interface Sequence extends AutoCloseable {
    long handle();

    /** Rows of the chunk stand at {@code [firstPosition, firstPosition + tokenCount)}. */
    void place(Stored chunk, int firstPosition);

    /** The first step writes the KV of those rows to the chunk. */
    void capture(Stored chunk, int firstPosition);

    /** Of the rows of the last step, how many were active to its last layer. */
    long activeRowCount();

    /** Time the placing of chunks has taken so far. */
    long kvLoadNanos();

    @Override
    void close();
  }

  /** KV of one chunk, immutable once captured. */
  interface Stored extends AutoCloseable {
    int tokenCount();

    long byteCount();

    @Override
    void close();
  }

  /** free + reserved = total. */
  record Figures(
      int blockTokenCount,
      long totalBlockCount,
      long freeBlockCount,
      long reservedBlockCount,
      long byteCount) {}
}
