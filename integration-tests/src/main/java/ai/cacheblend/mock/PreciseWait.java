package ai.cacheblend.mock;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits that end within microseconds of the moment they should. */
final class PreciseWait {
  /** Parking wakes up late by less than this. */
  private static final long SPIN_NANOS = 500_000;

  private static final long LONGEST_PARK_NANOS = 5_000_000;

  private PreciseWait() {}

  /** Waits until {@link System#nanoTime} is {@code nanos}, or until it is cancelled. */
  static void until(long nanos, BooleanSupplier cancelled) {
    long leftNanos = nanos - System.nanoTime();
    while (leftNanos > 0 && !cancelled.getAsBoolean()) {
      if (leftNanos > SPIN_NANOS) {
        LockSupport.parkNanos(Math.min(leftNanos - SPIN_NANOS, LONGEST_PARK_NANOS));
      } else {
        Thread.onSpinWait();
      }
      leftNanos = nanos - System.nanoTime();
    }
  }
}
