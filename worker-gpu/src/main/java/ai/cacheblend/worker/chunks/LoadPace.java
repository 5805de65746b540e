package ai.cacheblend.worker.chunks;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ticker;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/** Limits the rate of a load, for measurements of storage that is slower than this one. */
final class LoadPace {
  private final double nanosPerByte;
  private final Ticker ticker;
  private final LongConsumer sleep;
  private final long startNanos;
  private long byteCount;

  /** The load starts now. Empty: no limit. */
  LoadPace(OptionalLong bytesPerSecond) {
    this(bytesPerSecond, Ticker.systemTicker(), LockSupport::parkNanos);
  }

  /**
   * @param sleep for these nanoseconds, or less
   */
  LoadPace(OptionalLong bytesPerSecond, Ticker ticker, LongConsumer sleep) {
    bytesPerSecond.ifPresent(rate -> checkArgument(rate >= 1, "bytesPerSecond is %s", rate));
    this.nanosPerByte =
        bytesPerSecond.isPresent()
            ? (double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond.getAsLong()
            : 0;
    this.ticker = ticker;
    this.sleep = sleep;
    this.startNanos = ticker.read();
  }

  /**
   * Waits until storage of this rate would have sent these bytes, too. Does not wait in an
   * interrupted thread: the worker ends.
   */
  void await(long moreByteCount) {
    if (nanosPerByte == 0) {
      return;
    }
    byteCount += moreByteCount;
    long dueNanos = startNanos + Math.round(byteCount * nanosPerByte);
    long left = dueNanos - ticker.read();
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      sleep.accept(left);
      left = dueNanos - ticker.read();
    }
  }
}
