package ai.cacheblend.orchestrator.client;

import com.google.common.base.Ticker;
import io.grpc.netty.shaded.io.netty.channel.SelectStrategy;
import io.grpc.netty.shaded.io.netty.util.IntSupplier;
import java.time.Duration;

/**
 * Has a transport's thread look for what is new, over and over, for a while after there last was
 * something, and only then sleep until it is woken up. At first it sleeps at once. Used by that
 * thread, but for {@link #setAlertness}.
 *
 * <p>The worker has one, too: the modules share the contract alone.
 */
final class AlertSelect implements SelectStrategy {
  private final Ticker ticker;
  private volatile long alertNanos;
  private long lastNewsNanos;
  private boolean slept = true;

  AlertSelect(Ticker ticker) {
    this.ticker = ticker;
  }

  void setAlertness(Duration alertness) {
    alertNanos = alertness.toNanos();
  }

  @Override
  public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
    if (alertNanos == 0) {
      return hasTasks ? selectNow.get() : SELECT;
    }
    int readyCount = selectNow.get();
    long nowNanos = ticker.read();
    if (slept || hasTasks || readyCount > 0) {
      slept = false;
      lastNewsNanos = nowNanos;
    } else if (nowNanos - lastNewsNanos >= alertNanos) {
      slept = true;
      return SELECT;
    } else {
      Thread.onSpinWait();
    }
    return readyCount;
  }
}
