package ai.cacheblend.worker.kv;

/**
 * The KV of one running prompt: blocks for as many tokens as it can ever have. They are free again
 * when it is closed. One call at a time, from Java or from a graph, uses a sequence.
 */
public final class KvSequence implements AutoCloseable {
  private final NativeHandle handle;
  private final int rowSize;

  KvSequence(long handle, KvShape shape) {
    this.handle = new NativeHandle("sequence", handle, Native::closeSequence);
    this.rowSize = shape.kvHeadCount() * shape.headSize();
  }

  /** What graphs call this sequence. */
  public long handle() {
    return handle.get();
  }

  /**
   * Cached KV for the positions [firstPosition, firstPosition + chunk.tokenCount()). Before the
   * first step only.
   *
   * @throws IllegalArgumentException if the positions are outside the reservation or taken
   * @throws IllegalStateException if the chunk is not captured in full
   */
  public void place(StoredKv chunk, int firstPosition) {
    Native.place(handle.get(), chunk.handle(), firstPosition);
  }

  /**
   * Lets the steps that follow store the KV of the positions [firstPosition, firstPosition +
   * chunk.tokenCount()) in the chunk. Before the first step only, one chunk per sequence.
   */
  public void capture(StoredKv chunk, int firstPosition) {
    Native.capture(handle.get(), chunk.handle(), firstPosition);
  }

  /**
   * Rows of the last step that no selection has dropped. It costs no copy from a device: what a
   * selection keeps there is as many rows as the host has told it.
   */
  public long activeRowCount() {
    return Native.activeRowCount(handle.get());
  }

  /** Time that steps have spent on placing chunks in this sequence so far. */
  public long kvLoadNanos() {
    return Native.kvLoadNanos(handle.get());
  }

  /** The rotated key at a position that has KV, [KV heads * head size]. */
  public float[] key(int layer, int position) {
    return read(layer, false, position);
  }

  public float[] value(int layer, int position) {
    return read(layer, true, position);
  }

  @Override
  public void close() {
    handle.close();
  }

  private float[] read(int layer, boolean values, int position) {
    float[] result = new float[rowSize];
    Native.readSequence(handle.get(), layer, values, position, result);
    return result;
  }
}
