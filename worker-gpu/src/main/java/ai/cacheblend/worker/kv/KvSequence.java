package ai.cacheblend.worker.kv;

/**
 * KV of one running prompt. A sequence serves one call at a time, from Java or from a graph.
 * Closing it releases its blocks.
 */
public interface KvSequence extends AutoCloseable {
  /** The value for the graph input {@code sequences}. */
  long handle();

  /**
   * Has the first step inject a chunk at the positions [firstPosition, firstPosition +
   * chunk.tokenCount()).
   *
   * @throws IllegalArgumentException if the positions exceed the reservation or overlap a chunk
   * @throws IllegalStateException if the chunk is not fully captured, or a step has run
   */
  void inject(StoredKv chunk, int firstPosition);

  /**
   * Has the steps that follow store the KV of the positions [firstPosition, firstPosition +
   * chunk.tokenCount()) in a chunk. A sequence captures one chunk at most.
   *
   * @throws IllegalArgumentException if the positions exceed the reservation
   * @throws IllegalStateException if a step has run, or sequence or chunk captures already
   */
  void capture(StoredKv chunk, int firstPosition);

  /**
   * Positions that hold KV of shared blocks before the first step, a multiple of the block size. No
   * step may write to them, and such a sequence injects and captures nothing.
   */
  int sharedTokenCount();

  /**
   * Lets later sequences share the first blocks, whose KV must be complete. No step may write to
   * them from now on.
   *
   * @param keys one for each block from the first on, shared ones included
   * @throws IllegalStateException if the steps so far do not cover the blocks
   */
  void publish(BlockKeys keys);

  /** Rows of the last step that every selection kept. Reads no device memory. */
  long activeRowCount();

  /**
   * Allocates the memory that a probe needs. Repeated calls allocate nothing.
   *
   * @throws KvExhaustedException if the device has too little memory
   */
  void allocateAttention();

  /** Rows with fresh KV, summed over the layers of all steps so far. Reads no device memory. */
  long freshRowLayers();

  /** KV load of the steps so far. Waits for loads that still run on a device. */
  KvLoad kvLoad();

  @Override
  void close();
}
