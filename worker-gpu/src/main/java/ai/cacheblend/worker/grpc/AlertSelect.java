package ai.cacheblend.worker.grpc;

import com.google.common.base.Ticker;
import io.grpc.netty.shaded.io.netty.channel.SelectStrategy;
import io.grpc.netty.shaded.io.netty.util.IntSupplier;
import java.time.Duration;

/**
 * Has a transport's thread look for what is new, over and over, for a while after there last was
 * something, and only then sleep until it is woken up. Used by that thread.
 *
 * <p>The orchestrator has one, too: the modules share the contract alone.
 */
final class AlertSelect implements SelectStrategy {
  private final long alertNanos;
  private final Ticker ticker;
  private long lastNewsNanos;
  private boolean slept = true;

  AlertSelect(Duration alertness, Ticker ticker) {
    this.alertNanos = alertness.toNanos();
    this.ticker = ticker;
  }

  @Override
  public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
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
