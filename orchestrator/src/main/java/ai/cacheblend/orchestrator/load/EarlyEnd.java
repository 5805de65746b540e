package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.Phase;
import java.util.OptionalLong;

/**
 * Ends a slice when a limit of the objective is certainly exceeded, whatever the other requests of
 * the slice would do: the queue of an overloaded worker would grow to the end of the slice.
 */
final class EarlyEnd implements Schedule {
  /** Times the values that a limit allows. A slice near the limit runs to its end. */
  private static final double EXCESS = 3;

  /** Of the values, where {@link #EXCESS} times the allowed ones are more than all. */
  private static final double HALF = 0.5;

  private static final int MIN_EXCEEDING = 5;

  private final Schedule schedule;
  private final Waiting waiting;
  private final Slo slo;
  private final SloCheck check;
  private final double[] endsAbove;
  private final long[] exceeding;
  private long endedNanos = Long.MAX_VALUE;

  /**
   * @param plannedRequests measured requests of a whole slice
   * @param waiting the requests that wait for their first token
   */
  EarlyEnd(Schedule schedule, Slo slo, int maxNewTokens, double plannedRequests, Waiting waiting) {
    this.schedule = schedule;
    this.waiting = waiting;
    this.slo = slo;
    this.check = new SloCheck(slo, maxNewTokens);
    this.exceeding = new long[slo.limits().size()];
    this.endsAbove =
        slo.limits().stream()
            .mapToDouble(
                limit -> {
                  double allowed = 1 - limit.share();
                  double share = Math.min(EXCESS * allowed, 1 - HALF * limit.share());
                  double values =
                      plannedRequests
                          * (limit.metric() == Slo.Metric.ITL ? Math.max(1, maxNewTokens - 1) : 1);
                  return MIN_EXCEEDING + share * values;
                })
            .toArray();
  }

  boolean endedEarly() {
    return endedNanos < Long.MAX_VALUE;
  }

  @Override
  public OptionalLong due() {
    return endedEarly() ? OptionalLong.empty() : schedule.due();
  }

  @Override
  public boolean exhausted() {
    return endedEarly() || schedule.exhausted();
  }

  /** Ends the slice with this request if enough others have waited too long. */
  @Override
  public Phase take() {
    long nowNanos = schedule.due().orElseThrow();
    for (int i = 0; i < exceeding.length; i++) {
      Slo.Limit limit = slo.limits().get(i);
      if (limit.metric() == Slo.Metric.TTFT
          && exceeding[i] + waiting.dueBefore(nowNanos - limit.limit().toNanos()) > endsAbove[i]) {
        endedNanos = nowNanos;
      }
    }
    return schedule.take();
  }

  @Override
  public void ended(LoadRequest request) {
    schedule.ended(request);
    if (request.measured() && !exhausted()) {
      for (int i = 0; i < exceeding.length; i++) {
        SloCheck.Count count = check.count(slo.limits().get(i), request);
        exceeding[i] += count.all() - count.within();
        if (exceeding[i] > endsAbove[i]) {
          endedNanos = request.moments().ended();
        }
      }
    }
  }

  @Override
  public LoadSlice.Window window() {
    LoadSlice.Window whole = schedule.window();
    return endedEarly()
        ? new LoadSlice.Window(whole.beginNanos(), Math.max(endedNanos, whole.beginNanos() + 1))
        : whole;
  }
}
