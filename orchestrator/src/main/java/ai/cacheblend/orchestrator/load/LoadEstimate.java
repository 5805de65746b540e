package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.run.Calibration;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunClock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Estimates the duration of a load run from its plan and a few requests. */
public final class LoadEstimate {
  private LoadEstimate() {}

  /**
   * Times two requests of each arm, one at a time.
   *
   * @param data of a workload of a data set, otherwise empty
   */
  public static Calibration.Estimate of(
      LoadPlan plan, Optional<QualityTask> data, Fleet fleet, RunClock clock) {
    List<LoadSlice> slices = LoneRequests.run(plan, data, fleet, clock);
    double request =
        slices.stream()
            .flatMap(slice -> slice.requests().stream())
            .filter(LoadRequest::ok)
            .mapToDouble(LoadRequest::e2eSeconds)
            .average()
            .orElse(0);
    double precollect = slices.stream().mapToLong(LoadSlice::precollectNanos).sum() / 1e9;
    double seconds = precollect * plan.slices() * plan.shape().levelCount();
    if (plan.shape() instanceof LoadShape.Search search) {
      LoadPoint lone = new LoadPoint(LoadPoint.Kind.RATE, fleet.workers().size() / request);
      seconds +=
          search.rounds() * plan.arms().size() * level(plan, lone, request, fleet.workers().size());
    }
    for (LoadPoint point : plan.shape().points()) {
      seconds += plan.arms().size() * level(plan, point, request, fleet.workers().size());
    }
    Duration all = Duration.ofMillis(Math.round(seconds * 1e3));
    return new Calibration.Estimate(
        all,
        all,
        String.format(
            Locale.ROOT,
            "timed: %d requests of each arm on %s, %.0f ms each",
            LoneRequests.COUNT,
            fleet.first().address(),
            request * 1e3));
  }

  /**
   * Seconds of one arm at a level.
   *
   * @param request seconds of a request without load
   */
  private static double level(LoadPlan plan, LoadPoint point, double request, int workers) {
    double perRequest =
        point.kind() == LoadPoint.Kind.RATE
            ? 1 / point.value()
            : request / Math.min(point.value(), workers);
    double measured =
        plan.extent().seconds() > 0
            ? plan.extent().seconds()
            : plan.extent().requests() * perRequest;
    return measured + plan.slices() * (plan.warmupRequests(point) * perRequest + request);
  }
}
