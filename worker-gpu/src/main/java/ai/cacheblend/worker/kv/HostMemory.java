package ai.cacheblend.worker.kv;

import java.nio.ByteBuffer;

/**
 * Host memory that transfers to and from a device use directly: page-locked where the device is a
 * GPU. Thread-safe.
 */
public interface HostMemory extends AutoCloseable {
  long byteCount();

  /**
   * A direct little-endian view of some bytes. It must not be used after the memory is closed.
   *
   * @throws IllegalArgumentException if the bytes exceed the memory
   */
  ByteBuffer bytes(long offset, int byteCount);

  /** Releases the memory; loads that run keep it until they end. */
  @Override
  void close();
}
