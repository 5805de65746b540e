package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.Phase;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Open loop: the moments do not depend on answers. The window begins with the last arrival of the
 * warm-up, so that it holds whole gaps only and the rate in it is unbiased.
 */
final class OpenSchedule implements Schedule {
  private static final double NANOS_PER_SECOND = 1e9;

  private final LongSupplier gaps;
  private final int warmups;
  private final LoadPlan.Extent extent;
  private long dueNanos;
  private int taken;
  private long windowBegin;
  private long windowEnd;
  private boolean exhausted;

  /**
   * @param startNanos the first request is due one gap later
   * @param warmups requests before the window
   * @param extent of the window
   */
  OpenSchedule(long startNanos, LongSupplier gaps, int warmups, LoadPlan.Extent extent) {
    this.gaps = gaps;
    this.warmups = warmups;
    this.extent = extent;
    this.windowBegin = startNanos;
    this.dueNanos = startNanos + gaps.getAsLong();
    if (warmups == 0) {
      begin(startNanos);
    }
  }

  private void begin(long nanos) {
    windowBegin = nanos;
    windowEnd =
        extent.seconds() > 0
            ? nanos + Math.round(extent.seconds() * NANOS_PER_SECOND)
            : Long.MAX_VALUE;
    exhausted = dueNanos >= windowEnd;
  }

  @Override
  public OptionalLong due() {
    return exhausted ? OptionalLong.empty() : OptionalLong.of(dueNanos);
  }

  @Override
  public boolean exhausted() {
    return exhausted;
  }

  @Override
  public Phase take() {
    Phase phase = taken < warmups ? Phase.WARMUP : Phase.MEASURED;
    taken++;
    long takenNanos = dueNanos;
    dueNanos += gaps.getAsLong();
    if (taken == warmups) {
      begin(takenNanos);
    } else if (phase == Phase.MEASURED) {
      if (extent.requests() > 0 && taken == warmups + extent.requests()) {
        windowEnd = Math.max(takenNanos, windowBegin + 1);
        exhausted = true;
      } else if (extent.seconds() > 0 && dueNanos >= windowEnd) {
        exhausted = true;
      }
    }
    return phase;
  }

  @Override
  public void ended(LoadRequest request) {}

  @Override
  public LoadSlice.Window window() {
    return new LoadSlice.Window(windowBegin, windowEnd);
  }
}
