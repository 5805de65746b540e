package ai.cacheblend.mock;

import java.util.function.BooleanSupplier;

/** The time of a mock worker. */
public interface MockClock {

  /** Nanoseconds since a fixed moment. */
  long nanos();

  /** Returns at {@code nanos}, or earlier once {@code cancelled} is true. */
  void waitUntil(long nanos, BooleanSupplier cancelled);

  /** This machine's monotonic clock. */
  static MockClock system() {
    return SystemClock.INSTANCE;
  }
}
