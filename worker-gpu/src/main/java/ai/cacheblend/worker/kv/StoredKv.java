package ai.cacheblend.worker.kv;

/**
 * KV of a run of tokens. The sequence that captures it fills it, once; it is immutable from then
 * on. A chunk that is closed while sequences place it stays in memory until the last of them is
 * closed.
 */
public final class StoredKv implements AutoCloseable {
  private final NativeHandle handle;
  private final int tokenCount;
  private final int rowSize;
  private final long byteCount;

  StoredKv(long handle, int tokenCount, KvShape shape) {
    this.handle = new NativeHandle("stored chunk", handle, Native::closeChunk);
    this.tokenCount = tokenCount;
    this.rowSize = shape.kvHeadCount() * shape.headSize();
    this.byteCount = Native.chunkByteCount(handle);
  }

  public int tokenCount() {
    return tokenCount;
  }

  public long byteCount() {
    return byteCount;
  }

  /** A row's key before rotation, [KV heads * head size]. */
  public float[] key(int layer, int row) {
    return read(layer, false, row);
  }

  public float[] value(int layer, int row) {
    return read(layer, true, row);
  }

  long handle() {
    return handle.get();
  }

  @Override
  public void close() {
    handle.close();
  }

  private float[] read(int layer, boolean values, int row) {
    float[] result = new float[rowSize];
    Native.readChunk(handle.get(), layer, values, row, result);
    return result;
  }
}
