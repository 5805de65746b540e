package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.ConfidenceSequence;
import ai.cacheblend.metrics.Interval;
import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.metrics.PermutationTest;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import com.google.common.primitives.ImmutableIntArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The figures of a quality run. Invalid samples are left out.
 *
 * @param validCount samples that the figures are of
 * @param arms by name, in the plan's order; empty where no sample is valid
 */
public record QualitySummary(int validCount, int invalidCount, Map<String, ArmFigures> arms) {

  /**
   * One arm.
   *
   * @param scores by metric, the headline first
   * @param comparison with full prefill; empty for full prefill, and without it
   */
  public record ArmFigures(Map<String, Summary> scores, Optional<Comparison> comparison) {}

  /**
   * An arm compared with full prefill, sample by sample.
   *
   * @param difference headline score of this arm minus full prefill's; negative is worse
   * @param interval 95 % confidence interval of the mean difference, valid at any number of samples
   * @param permutationP two-sided p value of the paired permutation test
   * @param verdict of {@link NonInferiorityRule}, with samples in the order of the data set
   * @param identicalShare share of answers with the same tokens as full prefill's
   * @param firstDivergence index of the first token that differs, of the other answers; empty if
   *     there is none
   */
  public record Comparison(
      PairedDifference difference,
      Interval interval,
      double permutationP,
      Verdict verdict,
      double identicalShare,
      Optional<Summary> firstDivergence) {}

  public static QualitySummary of(QualityPlan plan, List<SampleResult> samples) {
    List<SampleResult> valid = samples.stream().filter(SampleResult::valid).toList();
    Map<String, ArmFigures> arms = new LinkedHashMap<>();
    if (!valid.isEmpty()) {
      List<String> metrics =
          List.copyOf(valid.get(0).answer(plan.arms().get(0).name()).scores().keySet());
      for (NamedArm arm : plan.arms()) {
        Map<String, Summary> scores = new LinkedHashMap<>();
        metrics.forEach(metric -> scores.put(metric, Summary.of(scores(valid, arm, metric))));
        arms.put(
            arm.name(),
            new ArmFigures(
                scores,
                plan.baseline()
                    .filter(baseline -> !baseline.equals(arm))
                    .map(baseline -> comparison(plan, valid, baseline, arm))));
      }
    }
    return new QualitySummary(valid.size(), samples.size() - valid.size(), arms);
  }

  private static Comparison comparison(
      QualityPlan plan, List<SampleResult> samples, NamedArm baseline, NamedArm arm) {
    double[] full = scores(samples, baseline, plan.metric());
    double[] other = scores(samples, arm, plan.metric());
    double[] differences = PairedDifference.differences(other, full);
    double[] divergences =
        samples.stream()
            .map(sample -> divergence(tokens(sample, baseline), tokens(sample, arm)))
            .filter(OptionalInt::isPresent)
            .mapToDouble(OptionalInt::getAsInt)
            .toArray();
    return new Comparison(
        PairedDifference.of(other, full),
        ConfidenceSequence.of(differences, NonInferiorityRule.ALPHA),
        PermutationTest.pTwoSided(differences, plan.seed()),
        verdict(plan, samples, baseline, arm),
        1 - (double) divergences.length / samples.size(),
        divergences.length == 0 ? Optional.empty() : Optional.of(Summary.of(divergences)));
  }

  private static Verdict verdict(
      QualityPlan plan, List<SampleResult> samples, NamedArm baseline, NamedArm arm) {
    NonInferiorityRule rule = new NonInferiorityRule(plan.margin());
    for (SampleResult sample : samples) {
      SampleResult.Answer full = sample.answer(baseline.name());
      rule.add(
          full.scores().get(plan.metric()),
          sample.answer(arm.name()).scores().get(plan.metric()),
          full.isEmpty());
    }
    return rule.verdict();
  }

  private static double[] scores(List<SampleResult> samples, NamedArm arm, String metric) {
    return samples.stream().mapToDouble(s -> s.answer(arm.name()).scores().get(metric)).toArray();
  }

  private static ImmutableIntArray tokens(SampleResult sample, NamedArm arm) {
    return sample.answer(arm.name()).result().tokenIds();
  }

  /** Index of the first token that only one of two answers has; empty if they are the same. */
  private static OptionalInt divergence(ImmutableIntArray one, ImmutableIntArray other) {
    if (one.equals(other)) {
      return OptionalInt.empty();
    }
    int shorter = Math.min(one.length(), other.length());
    return OptionalInt.of(
        IntStream.range(0, shorter)
            .filter(i -> one.get(i) != other.get(i))
            .findFirst()
            .orElse(shorter));
  }
}
