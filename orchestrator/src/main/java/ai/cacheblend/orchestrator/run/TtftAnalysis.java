package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Collect;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Computes the statistics of a TTFT run. */
public final class TtftAnalysis {
  private TtftAnalysis() {}

  /**
   * Summarizes the valid measured trials.
   *
   * @param trials of the whole run, warm-ups included
   * @param layerCount of the model
   */
  public static TtftSummary summary(TtftPlan plan, List<Trial> trials, int layerCount) {
    List<Trial> measured = trials.stream().filter(Trial::measured).toList();
    List<Trial> valid = measured.stream().filter(Trial::valid).toList();
    Map<String, Long> usualReasons = TtftOutliers.usualReasons(valid);
    List<String> warnings = new ArrayList<>(BlockLoad.warnings(valid));
    usualReasons.forEach(
        (reason, count) ->
            warnings.add(
                count + " of " + valid.size() + " trials ran with reduced clocks: " + reason));
    plan.arms().stream()
        .flatMap(arm -> OrderEffect.of(arm.name(), measured).stream())
        .map(OrderEffect::warning)
        .forEach(warnings::add);
    return new TtftSummary(
        plan.lengths().stream()
            .map(
                length ->
                    row(
                        plan,
                        length,
                        ofLength(measured, length),
                        usualReasons.keySet(),
                        layerCount))
            .toList(),
        WarmUpState.all(plan.warmUp(), trials).stream().map(WarmUpState::report).toList(),
        warnings);
  }

  private static List<Trial> ofLength(List<Trial> trials, int length) {
    return trials.stream().filter(trial -> trial.length() == length).toList();
  }

  private static TtftSummary.Row row(
      TtftPlan plan, int length, List<Trial> trials, Set<String> usualReasons, int layerCount) {
    List<Trial> valid = trials.stream().filter(Trial::valid).toList();
    if (valid.isEmpty()) {
      return new TtftSummary.Row(length, 0, trials.size(), Map.of(), Optional.empty());
    }
    Map<String, TtftSummary.Arm> arms = new LinkedHashMap<>();
    plan.arms()
        .forEach(arm -> arms.put(arm.name(), arm(plan, valid, arm, usualReasons, layerCount)));
    double[] collect =
        valid.stream()
            .flatMap(t -> t.collect().stream())
            .mapToDouble(Collect::clientSeconds)
            .toArray();
    return new TtftSummary.Row(
        length,
        valid.size(),
        trials.size() - valid.size(),
        arms,
        Optional.of(Statistics.of(collect)));
  }

  private static TtftSummary.Arm arm(
      TtftPlan plan, List<Trial> valid, NamedArm arm, Set<String> usualReasons, int layerCount) {
    double[] client = seconds(valid, arm, Measure.CLIENT_TTFT);
    Map<Measure, Statistics> times = new LinkedHashMap<>();
    for (Measure measure : Measure.summarized()) {
      double[] seconds = seconds(valid, arm, measure);
      times.put(
          measure,
          measure == Measure.CLIENT_TTFT
              ? Statistics.withPercentiles(seconds)
              : Statistics.of(seconds));
    }
    return new TtftSummary.Arm(
        times,
        ChargedBudget.mean(valid, arm, layerCount),
        plan.baseline()
            .filter(baseline -> !baseline.equals(arm))
            .map(
                baseline ->
                    SpeedUpStatistics.of(seconds(valid, baseline, Measure.CLIENT_TTFT), client)),
        TtftOutliers.of(plan, valid, arm, usualReasons));
  }

  static double[] seconds(List<Trial> valid, NamedArm arm, Measure measure) {
    return valid.stream()
        .mapToDouble(trial -> trial.armRun(arm.name()).seconds(measure).orElseThrow())
        .toArray();
  }
}
