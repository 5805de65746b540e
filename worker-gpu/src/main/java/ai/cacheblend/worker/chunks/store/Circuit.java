package ai.cacheblend.worker.chunks.store;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/**
 * Circuit breaker: after a failure, calls are refused for one second; then one call is let through,
 * and its result decides. The time doubles with each further failure, up to a minute. Thread-safe.
 */
final class Circuit {
  private static final long FIRST_WAIT_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long MAX_WAIT_NANOS = Duration.ofSeconds(60).toNanos();

  private final Ticker ticker;

  @GuardedBy("this")
  private boolean open;

  @GuardedBy("this")
  private boolean trying;

  @GuardedBy("this")
  private long attemptNanos;

  @GuardedBy("this")
  private long waitNanos;

  Circuit(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Whether a call may run. Its result must be given to {@link #succeeded} or {@link #failed}. */
  synchronized boolean allows() {
    if (!open) {
      return true;
    }
    long now = ticker.read();
    if (now - attemptNanos < waitNanos) {
      return false;
    }
    attemptNanos = now;
    trying = true;
    return true;
  }

  /** Returns whether the circuit was open. */
  synchronized boolean succeeded() {
    boolean wasOpen = open;
    open = false;
    trying = false;
    return wasOpen;
  }

  /**
   * Returns whether the circuit was closed. Calls that began while it was closed and fail at once
   * count as one failure.
   */
  synchronized boolean failed() {
    boolean wasClosed = !open;
    if (wasClosed) {
      waitNanos = FIRST_WAIT_NANOS;
    } else if (trying) {
      waitNanos = Math.min(2 * waitNanos, MAX_WAIT_NANOS);
    }
    if (wasClosed || trying) {
      attemptNanos = ticker.read();
    }
    open = true;
    trying = false;
    return wasClosed;
  }
}
