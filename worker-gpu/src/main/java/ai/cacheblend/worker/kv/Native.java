package ai.cacheblend.worker.kv;

import java.nio.ByteBuffer;

/**
 * Functions of {@code jni/native.cc}. Handles name native objects and are never reused: an unknown
 * or closed handle is an {@link IllegalArgumentException}. Load {@link NativeLibrary} first.
 */
final class Native {
  private Native() {}

  static native String instructionSet();

  static native boolean hasCudaKernels();

  /** Limit of the graph's dimension S. */
  static native int maxStepSequences();

  /** Fills free and total bytes of a CUDA device, or of the host (-1). */
  static native void deviceMemory(int cudaOrdinal, long[] byteCounts);

  /** Fills the bytes per token of a running sequence and of a stored chunk, in all layers. */
  static native void bytesPerToken(
      int layerCount,
      int kvHeadCount,
      int headSize,
      int cudaOrdinal,
      int elementNumber,
      long[] byteCounts);

  static native long createPool(
      int layerCount,
      int kvHeadCount,
      int headSize,
      long blockCount,
      int cudaOrdinal,
      int elementNumber);

  static native void closePool(long pool);

  /**
   * Returns the handle of a sequence.
   *
   * @param blockKeys 32 bytes each
   */
  static native long reserve(long pool, long maxTokenCount, byte[] blockKeys);

  /** Returns the number of blocks. */
  static native long dropCachedBlocks(long pool);

  /** Returns the handle of a stored chunk. */
  static native long allocateChunk(long pool, long tokenCount);

  /**
   * Fills total, free, reserved blocks, bytes, sequences, chunks, bytes of chunks, cached and
   * evicted blocks.
   */
  static native void poolStatistics(long pool, long[] values);

  static native void closeSequence(long sequence);

  static native long sharedTokenCount(long sequence);

  static native void publish(long sequence, byte[] blockKeys);

  static native void inject(long sequence, long chunk, long firstPosition);

  static native void capture(long sequence, long chunk, long firstPosition);

  static native long activeRowCount(long sequence);

  static native void allocateAttention(long sequence);

  static native long freshRowLayers(long sequence);

  /** Fills busy and wait nanoseconds. */
  static native void kvLoad(long sequence, long[] nanos);

  /**
   * Fills the rows of positions of one layer, keys as rotated: [positions, KV heads · head size].
   */
  static native void readSequence(
      long sequence, int layer, boolean values, long position, float[] rows);

  static native void closeChunk(long chunk);

  static native long chunkByteCount(long chunk);

  /** Fills one row of one layer, keys before rotation: [KV heads · head size]. */
  static native void readChunk(long chunk, int layer, boolean values, long row, float[] result);

  /** Returns the handle of host memory for transfers to and from the pool's device. */
  static native long allocateHostMemory(long pool, long byteCount);

  static native void closeHostMemory(long memory);

  static native ByteBuffer hostBytes(long memory, long offset, int byteCount);

  /** Copies all layers of a chunk to host memory. */
  static native void copyChunk(long chunk, long memory, long offset, int encoding);

  /** Returns the handle of a load. */
  static native long beginLoad(long memory, long[] chunks, int encoding);

  /** Enqueues the next layer of each chunk; offset -1: the chunk has failed. */
  static native void loadLayer(long load, long[] offsets);

  static native void endLoad(long load);

  /** Returns the handle of memory for the next tokens of a step; ordinal -1: of the host. */
  static native long createStepTokens(int cudaOrdinal);

  static native void closeStepTokens(long tokens);

  static native boolean stepTokensArrived(long tokens);

  /** Blocks until the tokens of the newest step have arrived. */
  static native long[] awaitStepTokens(long tokens);
}
