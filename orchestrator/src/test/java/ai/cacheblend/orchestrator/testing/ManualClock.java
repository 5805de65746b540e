package ai.cacheblend.orchestrator.testing;

import ai.cacheblend.orchestrator.run.RunClock;
import com.google.common.base.Ticker;
import java.time.Instant;

/** A clock that only a test advances. For several threads. */
public final class ManualClock extends Ticker {
  private long nanos = 1_000_000_000;

  @Override
  public synchronized long read() {
    return nanos;
  }

  public synchronized void advance(long byNanos) {
    if (byNanos < 0) {
      throw new IllegalArgumentException("byNanos is " + byNanos + "; use 0 or more");
    }
    nanos += byNanos;
  }

  /** The clocks of a run; the wall clock follows this one from the epoch on. */
  public RunClock runClock() {
    return new RunClock(this, () -> Instant.EPOCH.plusNanos(read()));
  }
}
