package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunClock;
import java.util.List;
import java.util.Optional;

/** A few requests of each arm, one at a time: latencies without load. */
final class LoneRequests {
  static final int COUNT = 2;

  private LoneRequests() {}

  static List<LoadSlice> run(
      LoadPlan plan, Optional<QualityTask> data, Fleet fleet, RunClock clock) {
    return new LoadBenchmark(plan.withOneClient(COUNT), data, fleet, clock)
        .run(List.of(), 0, new LoadListener() {});
  }
}
