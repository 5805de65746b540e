package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.Phase;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/** Closed loop: a client sends its next request when its last one has ended. */
final class ClosedSchedule implements Schedule {
  private static final double NANOS_PER_SECOND = 1e9;

  /** After a failure: a worker that refuses requests at once would otherwise get them at once. */
  static final long PAUSE_NANOS = 100_000_000;

  private final int warmups;
  private final LoadPlan.Extent extent;
  private final PriorityQueue<Long> due = new PriorityQueue<>();
  private int taken;
  private long windowBegin = Long.MAX_VALUE;
  private long windowEnd = Long.MAX_VALUE;
  private boolean exhausted;

  /**
   * @param clients all of which begin at {@code startNanos}
   * @param warmups requests before the window
   * @param extent of the window
   */
  ClosedSchedule(long startNanos, int clients, int warmups, LoadPlan.Extent extent) {
    this.warmups = warmups;
    this.extent = extent;
    for (int i = 0; i < clients; i++) {
      due.add(startNanos);
    }
    update();
  }

  @Override
  public OptionalLong due() {
    return exhausted || due.isEmpty() ? OptionalLong.empty() : OptionalLong.of(due.element());
  }

  @Override
  public boolean exhausted() {
    return exhausted;
  }

  @Override
  public Phase take() {
    due.remove();
    Phase phase = taken < warmups ? Phase.WARMUP : Phase.MEASURED;
    taken++;
    update();
    return phase;
  }

  @Override
  public void ended(LoadRequest request) {
    due.add(request.moments().ended() + (request.ok() ? 0 : PAUSE_NANOS));
    update();
  }

  /** The window begins and ends with the moment at which a request is due. */
  private void update() {
    if (due.isEmpty() || exhausted) {
      return;
    }
    long next = due.element();
    if (taken == warmups && next < windowBegin) {
      windowBegin = next;
      windowEnd =
          extent.seconds() > 0
              ? next + Math.round(extent.seconds() * NANOS_PER_SECOND)
              : Long.MAX_VALUE;
    }
    if (extent.requests() > 0 && taken == warmups + extent.requests()) {
      windowEnd = Math.max(next, windowBegin + 1);
    }
    exhausted = taken >= warmups && next >= windowEnd;
  }

  @Override
  public LoadSlice.Window window() {
    return new LoadSlice.Window(windowBegin, windowEnd);
  }
}
