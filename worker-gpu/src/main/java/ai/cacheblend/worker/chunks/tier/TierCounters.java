package ai.cacheblend.worker.chunks.tier;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;

/** Counters of one tier. Thread-safe. */
public final class TierCounters {
  /** Bytes, and the time in which at least one transfer ran. */
  private static final class Transfers {
    private int runningCount;
    private long sinceNanos;
    private long busyNanos;
    private long byteCount;

    void begin(long now) {
      if (runningCount++ == 0) {
        sinceNanos = now;
      }
    }

    void end(long now, long bytes) {
      byteCount += bytes;
      if (--runningCount == 0) {
        busyNanos += now - sinceNanos;
      }
    }
  }

  private final Ticker ticker;

  @GuardedBy("this")
  private final Transfers reads = new Transfers();

  @GuardedBy("this")
  private final Transfers writes = new Transfers();

  @GuardedBy("this")
  private long hitCount;

  @GuardedBy("this")
  private long missCount;

  @GuardedBy("this")
  private long evictedCount;

  @GuardedBy("this")
  private long corruptCount;

  public TierCounters(Ticker ticker) {
    this.ticker = ticker;
  }

  public synchronized void beginRead() {
    reads.begin(ticker.read());
  }

  /**
   * Ends a read; one that returned no chunk is a miss.
   *
   * @param byteCount bytes that were read, also of an incomplete chunk
   */
  public synchronized void endRead(boolean complete, long byteCount) {
    reads.end(ticker.read(), byteCount);
    if (complete) {
      hitCount++;
    } else {
      missCount++;
    }
  }

  public synchronized void beginWrite() {
    writes.begin(ticker.read());
  }

  public synchronized void endWrite(long byteCount) {
    writes.end(ticker.read(), byteCount);
  }

  public synchronized void corrupt() {
    corruptCount++;
  }

  public synchronized void evicted() {
    evictedCount++;
  }

  public synchronized TierStatistics statistics(
      TierKind kind, long chunkCount, long byteCount, long budgetByteCount) {
    return new TierStatistics(
        kind,
        chunkCount,
        byteCount,
        budgetByteCount,
        hitCount,
        missCount,
        evictedCount,
        corruptCount,
        reads.byteCount,
        reads.busyNanos,
        writes.byteCount,
        writes.busyNanos);
  }
}
