package ai.cacheblend.worker.chunks;

import com.google.common.base.Ticker;

/** Duration of the load of one prompt, from its begin. Thread-safe. */
final class LoadTimer {
  private static final long RUNNING = -1;

  private final Ticker ticker;
  private final long startNanos;
  private volatile long nanos = RUNNING;

  LoadTimer(Ticker ticker) {
    this.ticker = ticker;
    this.startNanos = ticker.read();
  }

  /** The last layer is on the device, or will not arrive. */
  void end() {
    nanos = ticker.read() - startNanos;
  }

  /** Until the end, or until now. */
  long nanos() {
    long ended = nanos;
    return ended == RUNNING ? ticker.read() - startNanos : ended;
  }
}
