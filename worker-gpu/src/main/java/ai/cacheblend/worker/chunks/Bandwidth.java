package ai.cacheblend.worker.chunks;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * Decaying average of the rate of transfers, with what they share the hardware with. Overlapping
 * transfers count as one, with the sum of their bytes. Thread-safe.
 */
public final class Bandwidth {
  /** Older transfers count half, whether there were others since or not. */
  private static final double HALF_LIFE_NANOS = Duration.ofSeconds(5).toNanos();

  private static final double NANOS_PER_SECOND = 1e9;

  private final Ticker ticker;

  @GuardedBy("this")
  private int runningCount;

  /** When the transfers that run began, or one of them ended last. */
  @GuardedBy("this")
  private long sinceNanos;

  /** Of the last update. */
  @GuardedBy("this")
  private long updateNanos;

  @GuardedBy("this")
  private double byteCount;

  @GuardedBy("this")
  private double nanos;

  Bandwidth(Ticker ticker) {
    this.ticker = ticker;
  }

  synchronized void begin() {
    if (runningCount++ == 0) {
      sinceNanos = ticker.read();
    }
  }

  /**
   * Ends a transfer.
   *
   * @param bytes 0 if it has failed
   */
  synchronized void end(long bytes) {
    long now = ticker.read();
    add(now, bytes, now - sinceNanos);
    runningCount--;
    sinceNanos = now;
  }

  /** Adds a transfer that has just ended. */
  synchronized void add(long bytes, long durationNanos) {
    add(ticker.read(), bytes, durationNanos);
  }

  @GuardedBy("this")
  private void add(long now, long bytes, long durationNanos) {
    double weight = Math.pow(.5, (now - updateNanos) / HALF_LIFE_NANOS);
    byteCount = weight * byteCount + bytes;
    nanos = weight * nanos + durationNanos;
    updateNanos = now;
  }

  /** Empty before the first transfer has moved bytes. */
  public synchronized OptionalDouble bytesPerSecond() {
    return byteCount > 0 && nanos > 0
        ? OptionalDouble.of(byteCount / nanos * NANOS_PER_SECOND)
        : OptionalDouble.empty();
  }
}
