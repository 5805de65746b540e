package ai.cacheblend.worker.chunks.tier;

import java.nio.ByteBuffer;

/**
 * KV of one chunk in host memory, which transfers to and from the device use directly. Its owner
 * keeps the memory alive while a tier reads or writes it.
 */
public interface HostKv {
  KvForm form();

  /**
   * A direct little-endian buffer of {@link KvForm#layerByteCount()} bytes, with a position of its
   * own. The layers of a chunk are adjacent in memory.
   */
  ByteBuffer layer(int layer);

  /**
   * Bytes from an offset of the first layer on. The first layer begins at a page of 4 KiB, and the
   * memory ends with one: bytes behind the last layer are unused.
   */
  ByteBuffer bytes(long offset, int byteCount);
}
