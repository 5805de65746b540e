package ai.cacheblend.worker.kv;

/** A stored chunk of the native library. */
public final class NativeStoredKv implements StoredKv {
  private final NativeHandle handle;
  private final int tokenCount;
  private final int rowSize;
  private final long byteCount;

  NativeStoredKv(long handle, int tokenCount, KvShape shape) {
    this.handle = new NativeHandle("stored chunk", handle, Native::closeChunk);
    this.tokenCount = tokenCount;
    this.rowSize = shape.rowSize();
    this.byteCount = Native.chunkByteCount(handle);
  }

  @Override
  public int tokenCount() {
    return tokenCount;
  }

  @Override
  public long byteCount() {
    return byteCount;
  }

  @Override
  public void copyTo(HostMemory to, long offset, KvEncoding encoding) {
    long memory = ((NativeHostMemory) to).handle();
    Native.copyChunk(handle.get(), memory, offset, encoding.number());
  }

  /** The key of a row before rotation, [KV heads · head size]. */
  public float[] key(int layer, int row) {
    return read(layer, false, row);
  }

  /** The value of a row, [KV heads · head size]. */
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
