package ai.cacheblend.mock;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** {@link System#nanoTime}, with waits that are accurate to microseconds. */
enum SystemClock implements MockClock {
  INSTANCE;

  /** Upper bound of the delay with which a parked thread resumes on an idle machine. */
  private static final long SPIN_NANOS = 500_000;

  private static final long MAX_PARK_NANOS = 5_000_000;

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void waitUntil(long nanos, BooleanSupplier cancelled) {
    long leftNanos = nanos - nanos();
    while (leftNanos > 0 && !cancelled.getAsBoolean()) {
      if (leftNanos > SPIN_NANOS) {
        LockSupport.parkNanos(Math.min(leftNanos - SPIN_NANOS, MAX_PARK_NANOS));
      } else {
        Thread.onSpinWait();
      }
      leftNanos = nanos - nanos();
    }
  }
}
