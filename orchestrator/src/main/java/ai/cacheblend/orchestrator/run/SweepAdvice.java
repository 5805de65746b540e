package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.Holm;
import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.Recommendation;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Selects the arm of a sweep to use. A candidate is an arm with a chunk size, measured on every
 * data set; random rows are a control and no candidate.
 *
 * <p>A candidate is safe if its loss is below the margin on every data set. The p value of that
 * claim is the largest one of its data sets (intersection-union test). These p values are corrected
 * for the number of candidates, because the recommended arm is selected among all of them.
 */
final class SweepAdvice {
  private SweepAdvice() {}

  private record Candidate(String arm, int chunkTokens, List<SweepSummary.Point> points) {

    /** One per data set, with the longest prompts. */
    List<SweepSummary.Point> longest() {
      Map<String, SweepSummary.Point> byDataset = new LinkedHashMap<>();
      for (SweepSummary.Point point : points) {
        byDataset.merge(
            point.dataset(),
            point,
            (one, other) -> other.shape().length() > one.shape().length() ? other : one);
      }
      return List.copyOf(byDataset.values());
    }

    List<ScoreDifference> differences() {
      return longest().stream().map(point -> point.armMinusFullPrefill().orElseThrow()).toList();
    }

    double passP() {
      return differences().stream().mapToDouble(ScoreDifference::passPValue).max().orElseThrow();
    }

    double worstLoss() {
      return differences().stream().mapToDouble(d -> -d.mean()).max().orElseThrow();
    }

    double chargedBudget() {
      return longest().stream()
          .mapToDouble(SweepSummary.Point::chargedBudget)
          .average()
          .orElseThrow();
    }

    double speedUp() {
      return speed().map(SpeedUpStatistics::geometricMean).orElse(0.0);
    }

    Optional<SpeedUpStatistics> speed() {
      return longest().get(0).speedUp();
    }
  }

  /** Empty if no arm was compared with full prefill. */
  static Optional<Recommendation> of(List<NamedArm> arms, List<SweepSummary.Point> points) {
    List<Candidate> candidates = candidates(arms, points);
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    double[] holm = Holm.adjusted(candidates.stream().mapToDouble(Candidate::passP).toArray());
    boolean sizes = points.stream().map(p -> p.shape().chunkTokens()).distinct().count() > 1;
    List<Integer> safe = new ArrayList<>();
    for (int i = 0; i < holm.length; i++) {
      if (holm[i] <= NonInferiorityRule.ALPHA) {
        safe.add(i);
      }
    }
    Optional<Integer> fastest =
        safe.stream()
            .max(
                Comparator.<Integer>comparingDouble(i -> candidates.get(i).speedUp())
                    .thenComparingDouble(i -> -candidates.get(i).chargedBudget()));
    Candidate best =
        fastest
            .map(candidates::get)
            .orElseGet(
                () ->
                    candidates.stream()
                        .min(Comparator.comparingDouble(Candidate::worstLoss))
                        .orElseThrow());
    String evidence = name(best, sizes) + " (" + evidence(best) + ")";
    return Optional.of(
        new Recommendation(
            fastest.map(i -> best.arm),
            best.chunkTokens,
            candidates.size(),
            fastest
                .map(
                    i ->
                        AdviceText.text(
                            "Use %s: p = %.2g after Holm's correction for %d candidates.",
                            evidence, holm[i], candidates.size()))
                .orElseGet(
                    () ->
                        AdviceText.text(
                            "Use full_prefill: none of %d candidates is shown to lose less than"
                                + " the margin on every data set (Holm's correction). The smallest"
                                + " loss has %s. %s",
                            candidates.size(), evidence, remedy(best)))));
  }

  private static List<Candidate> candidates(List<NamedArm> arms, List<SweepSummary.Point> points) {
    Set<String> names =
        arms.stream()
            .filter(ArmSelection::isCandidate)
            .map(NamedArm::name)
            .collect(Collectors.toSet());
    long datasets = points.stream().map(SweepSummary.Point::dataset).distinct().count();
    Map<String, List<SweepSummary.Point>> groups = new LinkedHashMap<>();
    points.stream()
        .filter(point -> names.contains(point.arm()) && point.armMinusFullPrefill().isPresent())
        .forEach(
            point ->
                groups
                    .computeIfAbsent(
                        point.arm() + " " + point.shape().chunkTokens(), k -> new ArrayList<>())
                    .add(point));
    return groups.values().stream()
        .map(of -> new Candidate(of.get(0).arm(), of.get(0).shape().chunkTokens(), of))
        .filter(candidate -> candidate.longest().size() == datasets)
        .toList();
  }

  private static String name(Candidate of, boolean sizes) {
    return sizes ? of.arm + " with chunks of " + of.chunkTokens + " tokens" : of.arm;
  }

  private static String evidence(Candidate of) {
    List<String> parts = new ArrayList<>();
    for (SweepSummary.Point point : of.longest()) {
      parts.add(
          AdviceText.quality(
              point.dataset(),
              point.metric(),
              point.armMinusFullPrefill().orElseThrow(),
              point.retention(),
              point.chargedBudget()));
    }
    of.speed()
        .ifPresent(
            speedUp -> parts.add(AdviceText.speed(speedUp, of.longest().get(0).shape().length())));
    return String.join("; ", parts);
  }

  private static String remedy(Candidate best) {
    boolean fails = best.differences().stream().anyMatch(d -> d.verdict().equals("fail"));
    return fails
        ? "Higher ratios or a larger margin may pass."
        : "More samples may decide: run gate --selector auto.";
  }
}
