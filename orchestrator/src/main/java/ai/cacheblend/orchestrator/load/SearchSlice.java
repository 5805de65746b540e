package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.Slo;
import java.util.function.LongSupplier;

/** The schedule of a slice of a search. */
final class SearchSlice {
  /** Of the measured requests. */
  private static final double MAX_BURST = 0.25;

  private SearchSlice() {}

  /**
   * An open schedule that ends early. Its warm-up begins with a burst: as many requests as wait on
   * average where the objective is just met, if waiting times have an exponential tail. A slice
   * that began with an empty queue would meet the objective at rates at which a long run does not.
   */
  static EarlyEnd schedule(
      LoadPlan plan, double rate, long startNanos, LongSupplier gaps, Waiting waiting) {
    Slo slo = plan.slo().orElseThrow();
    double planned =
        plan.extent().seconds() > 0 ? plan.extent().seconds() * rate : plan.extent().requests();
    int burst = (int) Math.min(burst(slo, rate), MAX_BURST * planned);
    return new EarlyEnd(
        new OpenSchedule(
            startNanos, behindBurst(burst, gaps), burst + plan.warmupRequests(), plan.extent()),
        slo,
        plan.maxNewTokens(),
        planned,
        waiting);
  }

  private static double burst(Slo slo, double rate) {
    return slo.limits().stream()
        .filter(limit -> limit.metric() == Slo.Metric.TTFT)
        .mapToDouble(limit -> Math.ceil(rate * limit.seconds() / -Math.log1p(-limit.share())))
        .sum();
  }

  private static LongSupplier behindBurst(int burst, LongSupplier gaps) {
    int[] left = {burst};
    return () -> left[0]-- > 0 ? 0 : gaps.getAsLong();
  }
}
