package ai.cacheblend.worker.kv;

/**
 * Calls into {@code jni/native.cc}. Everything is named by handles that are never used twice: an
 * unknown or closed one is an {@link IllegalArgumentException}. Who makes the first handle loads
 * the {@link NativeLibrary}.
 */
final class Native {
  private Native() {}

  static native String instructionSet();

  static native long bytesPerToken(int layerCount, int kvHeadCount, int headSize);

  static native long createPool(int layerCount, int kvHeadCount, int headSize, long blockCount);

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

  static native long kvLoadNanos(long sequence);

  /** One position of one layer, keys as rotated: [KV heads * head size]. */
  static native void readSequence(
      long sequence, int layer, boolean values, long position, float[] result);

  static native void closeChunk(long chunk);

  static native long chunkByteCount(long chunk);

  /** One row of one layer, keys before rotation: [KV heads * head size]. */
  static native void readChunk(long chunk, int layer, boolean values, long row, float[] result);
}
