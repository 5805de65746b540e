package ai.cacheblend.worker.kv;

/** A load of the native library. */
final class NativeKvTransfer implements KvTransfer {
  private final NativeHandle handle;

  NativeKvTransfer(long handle) {
    this.handle = new NativeHandle("load", handle, Native::endLoad);
  }

  @Override
  public void nextLayer(long[] offsets) {
    Native.loadLayer(handle.get(), offsets);
  }

  @Override
  public void close() {
    handle.close();
  }
}
