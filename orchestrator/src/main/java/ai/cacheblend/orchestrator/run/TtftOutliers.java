package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.Outliers;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Finds the outliers among the trials of an arm and length. */
final class TtftOutliers {
  private TtftOutliers() {}

  /**
   * Outliers by client TTFT and by transport, and trials in which the worker's device was
   * throttled. Transport is tested too because a clock discontinuity on the worker changes it, but
   * not client TTFT.
   *
   * @param usualReasons reasons for reduced clocks that do not distinguish a trial
   */
  static List<TtftSummary.Outlier> of(
      TtftPlan plan, List<Trial> valid, NamedArm arm, Set<String> usualReasons) {
    List<TtftSummary.Outlier> outliers = new ArrayList<>(of(plan, valid, arm, Measure.CLIENT_TTFT));
    outliers.addAll(of(plan, valid, arm, Measure.TRANSPORT));
    for (Trial trial : valid) {
      List<String> reasons =
          trial.device().throttledBy().stream()
              .filter(reason -> !usualReasons.contains(reason))
              .toList();
      if (!reasons.isEmpty()) {
        outliers.add(
            outlier(
                plan,
                trial,
                trial.armRun(arm.name()).seconds(Measure.CLIENT_TTFT).orElseThrow(),
                "throttled by " + String.join(", ", reasons)));
      }
    }
    return outliers;
  }

  /** Reasons for reduced clocks of more than half of the trials, with their numbers of trials. */
  static Map<String, Long> usualReasons(List<Trial> valid) {
    Map<String, Long> counts = new TreeMap<>();
    valid.forEach(
        trial ->
            trial.device().throttledBy().forEach(reason -> counts.merge(reason, 1L, Long::sum)));
    counts.values().removeIf(count -> 2 * count <= valid.size());
    return counts;
  }

  private static List<TtftSummary.Outlier> of(
      TtftPlan plan, List<Trial> valid, NamedArm arm, Measure measure) {
    double[] seconds = TtftAnalysis.seconds(valid, arm, measure);
    return Outliers.indices(seconds).stream()
        .map(i -> outlier(plan, valid.get(i), seconds[i], measure.key()))
        .toList();
  }

  private static TtftSummary.Outlier outlier(
      TtftPlan plan, Trial trial, double seconds, String reason) {
    return new TtftSummary.Outlier(
        plan.block(trial.length(), trial.trial()), trial.trial(), seconds, reason);
  }
}
