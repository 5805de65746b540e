package ai.cacheblend.worker.chunks.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Memory of one layer while a command uses it. The connection's thread may run a command after it
 * has timed out; a released layer is no longer read or written.
 */
final class LayerBytes {
  private final int byteCount;

  @GuardedBy("this")
  private ByteBuffer memory;

  @GuardedBy("this")
  private int receivedByteCount;

  @GuardedBy("this")
  private final CRC32C checksum = new CRC32C();

  LayerBytes(ByteBuffer memory) {
    this.memory = memory;
    this.byteCount = memory.remaining();
  }

  int byteCount() {
    return byteCount;
  }

  /**
   * Takes the next bytes of a reply. Their checksum is computed while they are in the processor's
   * cache.
   */
  synchronized void receive(ByteBuf source, int count) {
    if (memory == null) {
      source.skipBytes(count);
      return;
    }
    ByteBuffer target = memory.slice(memory.position() + receivedByteCount, count);
    source.readBytes(target);
    checksum.update(target.flip());
    receivedByteCount += count;
  }

  /** CRC-32C of the bytes received. */
  synchronized int checksum() {
    return (int) checksum.getValue();
  }

  /** A released layer is sent as zeros: the size of the value was sent already. */
  synchronized void copyTo(ByteBuf target) {
    if (memory == null) {
      target.writeZero(byteCount);
    } else {
      target.writeBytes(memory.duplicate());
    }
  }

  /** Returns when no thread uses the memory. */
  synchronized void release() {
    memory = null;
  }
}
