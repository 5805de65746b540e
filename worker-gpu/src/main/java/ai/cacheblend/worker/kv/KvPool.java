package ai.cacheblend.worker.kv;

import java.util.List;

/**
 * KV memory of one device: sequences reserve blocks of it, stored chunks are allocated beside them.
 * Blocks that sequences published keep their KV when they are free, until another sequence needs
 * them: the least recently used prompt is evicted first, from its end. Thread-safe. What came from
 * a pool may be closed after it.
 */
public interface KvPool extends AutoCloseable {
  /**
   * Reserves the blocks of every token that a sequence can have, prompt and answer.
   *
   * @throws KvExhaustedException if too few blocks are free
   */
  default KvSequence reserve(int maxTokenCount) {
    return reserve(maxTokenCount, BlockKeys.NONE);
  }

  /**
   * As {@link #reserve(int)}, for a sequence that shares the cached blocks of the longest run of
   * these keys.
   *
   * @param prefix keys of blocks that the sequence need not compute
   * @throws KvExhaustedException if too few blocks are free; nothing is evicted
   */
  KvSequence reserve(int maxTokenCount, BlockKeys prefix);

  /**
   * Drops the cached blocks, and returns their number. Those in use are freed with their last
   * sequence, and no other sequence shares them.
   */
  long dropCachedBlocks();

  /**
   * Allocates an empty chunk, for a sequence of this pool to capture.
   *
   * @throws KvExhaustedException if the device has too little memory
   */
  StoredKv allocateChunk(int tokenCount);

  /**
   * Allocates host memory for transfers to and from the device of this pool.
   *
   * @throws KvExhaustedException if the host has too little memory
   */
  HostMemory allocateHost(long byteCount);

  /**
   * Begins to fill empty chunks of this pool from host memory. Sequences can inject them at once.
   *
   * @param from memory of {@link #allocateHost}
   * @param encoding with which {@link StoredKv#copyTo} wrote it
   * @throws KvExhaustedException if the device has too little memory
   */
  KvTransfer load(HostMemory from, List<StoredKv> chunks, KvEncoding encoding);

  /** Bytes that {@link #allocateChunk} takes. */
  long chunkByteCount(int tokenCount);

  KvPoolStatistics statistics();

  @Override
  void close();
}
