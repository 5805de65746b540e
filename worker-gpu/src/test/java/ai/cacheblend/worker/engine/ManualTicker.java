package ai.cacheblend.worker.engine;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Time advances by {@link #advance} alone. */
final class ManualTicker extends Ticker {
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();

  @Override
  public long read() {
    reads.incrementAndGet();
    return nanos.get();
  }

  void advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  /** Returns after further reads, which only a polling thread makes in this number. */
  void awaitReads(int count) {
    long end = reads.get() + count;
    while (reads.get() < end) {
      Thread.onSpinWait();
    }
  }
}
