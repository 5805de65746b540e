package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.records.LoadRequest;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;

/** Counts of the requests of a slice while it runs. For several threads. */
public final class LiveCounts {
  /** Times to first token that the live view summarizes. */
  private static final int RECENT = 256;

  /**
   * The counts at a moment.
   *
   * @param outstanding sent and not ended
   * @param failed refused ones included
   * @param chunks used by answered requests; 0 for arms that read none
   * @param medianTtft of the last answers, in seconds; NaN without an answer
   * @param worstTtft as {@code medianTtft}
   */
  public record Snapshot(
      int sent,
      int outstanding,
      int ok,
      int failed,
      long chunks,
      long misses,
      double medianTtft,
      double worstTtft,
      double worstLag) {}

  @GuardedBy("this")
  private final double[] recentTtfts = new double[RECENT];

  @GuardedBy("this")
  private int sent;

  @GuardedBy("this")
  private int ok;

  @GuardedBy("this")
  private int failed;

  @GuardedBy("this")
  private long chunks;

  @GuardedBy("this")
  private long misses;

  @GuardedBy("this")
  private double worstLag;

  synchronized void sent() {
    sent++;
  }

  synchronized void ended(LoadRequest request) {
    worstLag = Math.max(worstLag, request.lagSeconds());
    if (request.ok()) {
      chunks += request.reuse().chunks();
      misses += request.reuse().misses();
      recentTtfts[ok++ % RECENT] = request.ttftSeconds();
    } else {
      failed++;
    }
  }

  /** The counts now. */
  public synchronized Snapshot snapshot() {
    double[] ttfts = Arrays.copyOf(recentTtfts, Math.min(ok, RECENT));
    Arrays.sort(ttfts);
    return new Snapshot(
        sent,
        sent - ok - failed,
        ok,
        failed,
        chunks,
        misses,
        ttfts.length == 0 ? Double.NaN : ttfts[(ttfts.length - 1) / 2],
        ttfts.length == 0 ? Double.NaN : ttfts[ttfts.length - 1],
        worstLag);
  }
}
