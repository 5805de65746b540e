package ai.cacheblend.mock;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * Virtual time, for a client and one mock worker in one process. Waiting advances it at once, so
 * that measured durations are the scripted ones on every machine.
 *
 * <p>Exact only for scripts without delays between tokens: the worker does not wait for the client
 * to have read the clock before it advances it for the next token.
 */
public final class VirtualClock extends Ticker implements MockClock {
  private final SplittableRandom random;
  private final long maxReadNanos;

  @GuardedBy("this")
  private long nowNanos;

  private VirtualClock(long maxReadNanos) {
    this.random = new SplittableRandom(1);
    this.maxReadNanos = maxReadNanos;
  }

  /** Time passes in waits only. */
  public static VirtualClock exact() {
    return new VirtualClock(0);
  }

  /** Every read takes up to 20 µs, so that no two durations are equal. */
  public static VirtualClock jittering() {
    return new VirtualClock(20_000);
  }

  @Override
  public synchronized long read() {
    nowNanos += random.nextLong(maxReadNanos + 1);
    return nowNanos;
  }

  @Override
  public long nanos() {
    return read();
  }

  @Override
  public synchronized void waitUntil(long nanos, BooleanSupplier cancelled) {
    nowNanos = Math.max(nowNanos, nanos);
  }
}
