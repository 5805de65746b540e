package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.MeanDifference;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An arm that is faster after other arms on the same prompt than as the first arm of its block.
 * Orders are random and balanced, so this indicates undisclosed prefix caching in the worker.
 *
 * @param ratio geometric mean of the times as first arm, divided by that of the other times
 * @param firstCount trials in which the arm was the first
 */
record OrderEffect(String arm, double ratio, double p, int firstCount, int laterCount) {
  private static final double CERTAIN_P = 1e-3;
  private static final double LEAST_RATIO = 1.05;

  /** Groups of two or three never reach CERTAIN_P. This ratio without overlap is sufficient. */
  private static final double LARGE_RATIO = 2;

  /** The effect on {@code arm}; empty if it is not significant. */
  static Optional<OrderEffect> of(String arm, List<Trial> measured) {
    List<Double> first = new ArrayList<>();
    List<Double> later = new ArrayList<>();
    byLength(arm, measured)
        .forEach(
            (length, runs) -> {
              double center = runs.stream().mapToDouble(OrderEffect::log).average().orElseThrow();
              runs.forEach(run -> (run.order() == 0 ? first : later).add(log(run) - center));
            });
    if (first.size() < 2 || later.size() < 2) {
      return Optional.empty();
    }
    double[] firstLogs = first.stream().mapToDouble(Double::doubleValue).toArray();
    double[] laterLogs = later.stream().mapToDouble(Double::doubleValue).toArray();
    MeanDifference shift = MeanDifference.welch(laterLogs, firstLogs);
    double ratio = Math.exp(shift.difference());
    boolean apart = Summary.of(firstLogs).min() > Summary.of(laterLogs).max();
    boolean certain = shift.pTwoSided() < CERTAIN_P && ratio > LEAST_RATIO;
    return certain || (apart && ratio > LARGE_RATIO)
        ? Optional.of(new OrderEffect(arm, ratio, shift.pTwoSided(), first.size(), later.size()))
        : Optional.empty();
  }

  private static Map<Integer, List<ArmRun>> byLength(String arm, List<Trial> measured) {
    Map<Integer, List<ArmRun>> runs = new TreeMap<>();
    measured.stream()
        .filter(Trial::valid)
        .forEach(
            trial ->
                runs.computeIfAbsent(trial.length(), length -> new ArrayList<>())
                    .add(trial.armRun(arm)));
    return runs;
  }

  private static double log(ArmRun run) {
    return Math.log((double) run.answer().orElseThrow().clientTtftNanos());
  }

  String warning() {
    return String.format(
        Locale.ROOT,
        "%s is %.2fx as fast after other arms on the same prompt (%d trials) as when it is first"
            + " (%d), p = %.2g: the worker may use a prefix cache; disable it",
        arm,
        ratio,
        laterCount,
        firstCount,
        p);
  }
}
