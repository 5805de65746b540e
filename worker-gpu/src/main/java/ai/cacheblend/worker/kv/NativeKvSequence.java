package ai.cacheblend.worker.kv;

/** A sequence of the native library. */
public final class NativeKvSequence implements KvSequence {
  private final NativeHandle handle;
  private final int rowSize;
  private final int sharedTokenCount;

  NativeKvSequence(long handle, KvShape shape) {
    this.handle = new NativeHandle("sequence", handle, Native::closeSequence);
    this.rowSize = shape.rowSize();
    this.sharedTokenCount = Math.toIntExact(Native.sharedTokenCount(handle));
  }

  @Override
  public long handle() {
    return handle.get();
  }

  @Override
  public void inject(StoredKv chunk, int firstPosition) {
    Native.inject(handle.get(), ((NativeStoredKv) chunk).handle(), firstPosition);
  }

  @Override
  public void capture(StoredKv chunk, int firstPosition) {
    Native.capture(handle.get(), ((NativeStoredKv) chunk).handle(), firstPosition);
  }

  @Override
  public int sharedTokenCount() {
    return sharedTokenCount;
  }

  @Override
  public void publish(BlockKeys keys) {
    Native.publish(handle.get(), keys.toBytes());
  }

  @Override
  public long activeRowCount() {
    return Native.activeRowCount(handle.get());
  }

  @Override
  public void allocateAttention() {
    Native.allocateAttention(handle.get());
  }

  @Override
  public long freshRowLayers() {
    return Native.freshRowLayers(handle.get());
  }

  @Override
  public KvLoad kvLoad() {
    long[] nanos = new long[2];
    Native.kvLoad(handle.get(), nanos);
    return new KvLoad(nanos[0], nanos[1]);
  }

  /**
   * The rotated keys of the first positions, which have KV, [positions · KV heads · head size]. For
   * tests.
   */
  public float[] keys(int layer, int positionCount) {
    return read(layer, false, positionCount);
  }

  /** The values of the first positions, as {@link #keys}. */
  public float[] values(int layer, int positionCount) {
    return read(layer, true, positionCount);
  }

  @Override
  public void close() {
    handle.close();
  }

  private float[] read(int layer, boolean values, int positionCount) {
    float[] rows = new float[positionCount * rowSize];
    Native.readSequence(handle.get(), layer, values, 0, rows);
    return rows;
  }
}
