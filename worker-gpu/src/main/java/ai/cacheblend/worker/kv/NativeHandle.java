package ai.cacheblend.worker.kv;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Owns one native object; closing it twice has no effect. Thread-safe. */
final class NativeHandle {
  private static final long CLOSED = 0; // native handles start at 1

  private final String noun;
  private final AtomicLong handle;
  private final LongConsumer closer;

  NativeHandle(String noun, long handle, LongConsumer closer) {
    this.noun = noun;
    this.handle = new AtomicLong(handle);
    this.closer = closer;
  }

  long get() {
    long value = handle.get();
    if (value == CLOSED) {
      throw new IllegalStateException(noun + " is closed");
    }
    return value;
  }

  void close() {
    long value = handle.getAndSet(CLOSED);
    if (value != CLOSED) {
      closer.accept(value);
    }
  }
}
