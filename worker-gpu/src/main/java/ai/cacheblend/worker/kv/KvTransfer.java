package ai.cacheblend.worker.kv;

/**
 * A load of chunks from host memory, layer by layer, beside the steps of the device: the first
 * layer of every chunk, then the second, as a step needs them. A step waits for the layer that it
 * has reached. Used by one thread at a time.
 */
public interface KvTransfer extends AutoCloseable {
  /** Offset of a chunk whose remaining layers will not arrive. */
  long FAILED = -1;

  /**
   * Enqueues the copy of the next layer of every chunk.
   *
   * @param offsets where it begins in the host memory, or {@link #FAILED}
   */
  void nextLayer(long[] offsets);

  /**
   * Returns when the device no longer reads the host memory. Layers that were not loaded have
   * failed: steps wait for them no longer, and read undefined KV.
   */
  @Override
  void close();
}
