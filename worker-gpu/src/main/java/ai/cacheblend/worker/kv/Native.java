package ai.cacheblend.worker.kv;

/**
 * Calls into {@code jni/native.cc}. Everything is named by handles that are never used twice: an
 * unknown or closed one is an {@link IllegalArgumentException}. Who makes the first handle loads
 * the {@link NativeLibrary}.
 */
final class Native {
  private Native() {}

  static native String instructionSet();

  /** Fills free and total bytes of a device; -1: the host. */
  static native void deviceMemory(int cudaOrdinal, long[] figures);

  /** Fills the bytes of a token in a running sequence, and in a stored chunk. */
  static native void bytesPerToken(
      int layerCount,
      int kvHeadCount,
      int headSize,
      int cudaOrdinal,
      int elementNumber,
      long[] figures);

  static native long createPool(
      int layerCount,
      int kvHeadCount,
      int headSize,
      long blockCount,
      int cudaOrdinal,
      int elementNumber);

  static native void closePool(long pool);

  /** Handle of a sequence. */
  static native long reserve(long pool, long maxTokenCount);

  /** Handle of a stored chunk. */
  static native long allocateChunk(long pool, long tokenCount);

  /** Fills total, free, reserved blocks, bytes, sequences, chunks, bytes of chunks. */
  static native void snapshot(long pool, long[] figures);

  static native void closeSequence(long sequence);

  static native void place(long sequence, long chunk, long firstPosition);

  static native void capture(long sequence, long chunk, long firstPosition);

  static native long activeRowCount(long sequence);

  static native long kvLoadNanos(long sequence);

  /** One position of one layer, keys as rotated: [KV heads * head size]. */
  static native void readSequence(
      long sequence, int layer, boolean values, long position, float[] result);

  static native void closeChunk(long chunk);

  static native long chunkByteCount(long chunk);

  /** One row of one layer, keys before rotation: [KV heads * head size]. */
  static native void readChunk(long chunk, int layer, boolean values, long row, float[] result);
}
