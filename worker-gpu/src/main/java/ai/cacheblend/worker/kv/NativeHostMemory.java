package ai.cacheblend.worker.kv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Host memory of the native library. */
final class NativeHostMemory implements HostMemory {
  private final NativeHandle handle;
  private final long byteCount;

  NativeHostMemory(long handle, long byteCount) {
    this.handle = new NativeHandle("host memory", handle, Native::closeHostMemory);
    this.byteCount = byteCount;
  }

  long handle() {
    return handle.get();
  }

  @Override
  public long byteCount() {
    return byteCount;
  }

  @Override
  public ByteBuffer bytes(long offset, int byteCount) {
    return Native.hostBytes(handle.get(), offset, byteCount).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    handle.close();
  }
}
