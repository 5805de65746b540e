package ai.cacheblend.transport;

import com.google.common.base.Ticker;
import java.util.concurrent.atomic.AtomicLong;

/** Time that a test sets; counts how often it is read. */
final class FakeTicker extends Ticker {
  final AtomicLong nanos = new AtomicLong(1_000);
  final AtomicLong readCount = new AtomicLong();

  @Override
  public long read() {
    readCount.incrementAndGet();
    return nanos.get();
  }
}
