package ai.cacheblend.transport;

import com.google.common.base.Ticker;
import io.grpc.netty.shaded.io.netty.channel.SelectStrategy;
import io.grpc.netty.shaded.io.netty.util.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Polls for I/O events and tasks until none has come for the busy-poll duration, then blocks in
 * {@code select}. With a duration of zero it blocks whenever there is no task.
 *
 * <p>One instance per event loop, used by its thread alone.
 */
final class BusyPollSelectStrategy implements SelectStrategy {
  private final LongSupplier busyPollNanos;
  private final Ticker ticker;
  private long lastEventNanos;
  private boolean blocked = true;

  /**
   * @param busyPollNanos read at every iteration, so that a change takes effect at once
   */
  BusyPollSelectStrategy(LongSupplier busyPollNanos, Ticker ticker) {
    this.busyPollNanos = busyPollNanos;
    this.ticker = ticker;
  }

  @Override
  public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
    long limitNanos = busyPollNanos.getAsLong();
    if (limitNanos == 0) {
      return hasTasks ? selectNow.get() : SELECT;
    }
    int readyCount = selectNow.get();
    long nowNanos = ticker.read();
    if (blocked || hasTasks || readyCount > 0) {
      blocked = false;
      lastEventNanos = nowNanos;
    } else if (nowNanos - lastEventNanos >= limitNanos) {
      blocked = true;
      return SELECT;
    } else {
      Thread.onSpinWait();
    }
    return readyCount;
  }
}
