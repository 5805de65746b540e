package ai.cacheblend.worker.chunks;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Limits the rate of a load, for measurements of storage that is slower than this one. */
final class LoadPace {
  private final double nanosPerByte;
  private final long startNanos;
  private long byteCount;

  /** The load starts now. Empty: no limit. */
  LoadPace(OptionalLong bytesPerSecond) {
    bytesPerSecond.ifPresent(rate -> checkArgument(rate >= 1, "bytesPerSecond is %s", rate));
    this.nanosPerByte =
        bytesPerSecond.isPresent()
            ? (double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond.getAsLong()
            : 0;
    this.startNanos = System.nanoTime();
  }

  /** Waits until storage of this rate would have sent these bytes, too. */
  void await(long moreByteCount) {
    if (nanosPerByte == 0) {
      return;
    }
    byteCount += moreByteCount;
    long dueNanos = startNanos + Math.round(byteCount * nanosPerByte);
    for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
