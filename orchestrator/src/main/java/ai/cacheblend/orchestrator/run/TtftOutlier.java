package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.Outliers;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * A trial that stands apart from the others of its arm and length.
 *
 * @param seconds what stands apart
 * @param reason {@code client_ttft}; or {@code transport}: what client TTFT has beyond the worker's
 *     own time, which a clock that jumps on the worker would change alone; or {@code throttled by
 *     ...}: the worker says that its device was slowed down
 */
public record TtftOutlier(int block, int trial, double seconds, String reason) {
  private static final double NANOS_PER_SECOND = 1e9;

  static List<TtftOutlier> of(TtftPlan plan, List<TtftTrial> valid, NamedArm arm) {
    List<TtftOutlier> outliers =
        new ArrayList<>(of(plan, valid, arm, "client_ttft", GenerateResult::clientTtftNanos));
    outliers.addAll(of(plan, valid, arm, "transport", GenerateResult::transportNanos));
    valid.stream()
        .filter(trial -> !trial.device().throttledBy().isEmpty())
        .forEach(trial -> outliers.add(throttled(plan, trial, arm)));
    return outliers;
  }

  private static TtftOutlier throttled(TtftPlan plan, TtftTrial trial, NamedArm arm) {
    return new TtftOutlier(
        plan.block(trial.length(), trial.trial()),
        trial.trial(),
        trial.run(arm.name()).result().orElseThrow().clientTtftNanos() / NANOS_PER_SECOND,
        "throttled by " + String.join(", ", trial.device().throttledBy()));
  }

  private static List<TtftOutlier> of(
      TtftPlan plan, List<TtftTrial> valid, NamedArm arm, String reason, TtftPhase.Nanos nanos) {
    double[] seconds =
        valid.stream()
            .mapToDouble(
                trial -> nanos.of(trial.run(arm.name()).result().orElseThrow()) / NANOS_PER_SECOND)
            .toArray();
    return Outliers.indices(seconds).stream()
        .map(
            i -> {
              TtftTrial trial = valid.get(i);
              int block = plan.block(trial.length(), trial.trial());
              return new TtftOutlier(block, trial.trial(), seconds[i], reason);
            })
        .toList();
  }
}
