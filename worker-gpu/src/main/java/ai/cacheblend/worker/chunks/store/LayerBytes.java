package ai.cacheblend.worker.chunks.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * Memory of one layer while a command uses it. The connection's thread may run a command after it
 * has timed out; a released layer is no longer read or written.
 */
final class LayerBytes {
  private final int byteCount;

  @GuardedBy("this")
  private ByteBuffer memory;

  LayerBytes(ByteBuffer memory) {
    this.memory = memory;
    this.byteCount = memory.remaining();
  }

  int byteCount() {
    return byteCount;
  }

  /** Fills the memory if the sizes are equal. Returns the size of what was given. */
  synchronized OptionalInt fill(ByteBuffer bytes) {
    int size = bytes.remaining();
    if (memory != null && size == byteCount) {
      memory.duplicate().put(bytes);
    }
    return OptionalInt.of(size);
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
