package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.BettingRatio;
import ai.cacheblend.metrics.ConfidenceSequence;
import ai.cacheblend.metrics.Interval;
import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.metrics.PermutationTest;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Retention;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.Statistics;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Computes the statistics of a quality run. */
public final class QualityAnalysis {
  private QualityAnalysis() {}

  /**
   * Summarizes the valid samples.
   *
   * @param layerCount of the model
   */
  public static QualitySummary summary(QualityPlan plan, List<Sample> samples, int layerCount) {
    List<Sample> valid =
        SampleOrder.random(plan).sorted(samples.stream().filter(Sample::valid).toList());
    Map<String, QualitySummary.Arm> arms = new LinkedHashMap<>();
    if (!valid.isEmpty()) {
      List<String> metrics = metrics(valid.get(0));
      plan.arms().forEach(arm -> arms.put(arm.name(), arm(plan, valid, arm, metrics, layerCount)));
    }
    int shortened = (int) valid.stream().filter(sample -> sample.documentsLeftOut() > 0).count();
    return new QualitySummary(
        valid.size(),
        samples.size() - valid.size(),
        shortened,
        supportingRecall(valid),
        arms,
        warnings(valid, shortened));
  }

  private static OptionalDouble supportingRecall(List<Sample> valid) {
    return valid.stream()
        .flatMap(sample -> sample.retrieved().stream())
        .filter(retrieved -> retrieved.supporting() > 0)
        .mapToDouble(retrieved -> (double) retrieved.found() / retrieved.supporting())
        .average();
  }

  private static List<String> warnings(List<Sample> valid, int shortened) {
    List<String> warnings = new ArrayList<>(BlockLoad.warnings(valid));
    if (shortened > 0) {
      warnings.add(
          shortened
              + " of "
              + valid.size()
              + " prompts were too long and lack documents from their middle");
    }
    return warnings;
  }

  private static List<String> metrics(Sample sample) {
    return List.copyOf(sample.armRuns().get(0).score().orElseThrow().byMetric().keySet());
  }

  private static QualitySummary.Arm arm(
      QualityPlan plan, List<Sample> valid, NamedArm arm, List<String> metrics, int layerCount) {
    Map<String, Statistics> scores = new LinkedHashMap<>();
    metrics.forEach(metric -> scores.put(metric, Statistics.of(scores(valid, arm, metric))));
    return new QualitySummary.Arm(
        scores,
        ChargedBudget.mean(valid, arm, layerCount),
        plan.baseline()
            .filter(baseline -> !baseline.equals(arm))
            .map(baseline -> comparison(plan, valid, baseline, arm)));
  }

  private static QualitySummary.Comparison comparison(
      QualityPlan plan, List<Sample> valid, NamedArm baseline, NamedArm arm) {
    double[] divergences =
        valid.stream()
            .map(sample -> divergence(tokens(sample, baseline), tokens(sample, arm)))
            .filter(OptionalInt::isPresent)
            .mapToDouble(OptionalInt::getAsInt)
            .toArray();
    return new QualitySummary.Comparison(
        difference(plan, valid, baseline, arm),
        Optional.of(retention(plan, valid, baseline, arm)),
        1 - (double) divergences.length / valid.size(),
        divergences.length == 0 ? Optional.empty() : Optional.of(Statistics.of(divergences)));
  }

  private static ScoreDifference difference(
      QualityPlan plan, List<Sample> valid, NamedArm baseline, NamedArm arm) {
    double[] differences =
        PairedDifference.differences(
            scores(valid, arm, plan.metric()), scores(valid, baseline, plan.metric()));
    Summary summary = Summary.of(differences);
    Interval interval = ConfidenceSequence.of(differences, NonInferiorityRule.ALPHA);
    NonInferiorityRule rule = rule(plan, valid, baseline, arm);
    return new ScoreDifference(
        summary.n(),
        summary.mean(),
        summary.sampleStd(),
        interval.low(),
        interval.high(),
        PermutationTest.pTwoSided(differences, plan.seed()),
        plan.margin(),
        rule.verdict().outcome().id(),
        rule.verdict().reason(),
        rule.passP());
  }

  private static Retention retention(
      QualityPlan plan, List<Sample> valid, NamedArm baseline, NamedArm arm) {
    return retention(
        scores(valid, arm, plan.metric()), scores(valid, baseline, plan.metric()), plan.margin());
  }

  /** Not defined at the floor, where a verdict is not possible either. */
  static Retention retention(double[] scores, double[] full, double margin) {
    double floor = NonInferiorityRule.FLOOR_FACTOR * margin;
    double mean = Summary.of(full).mean();
    return BettingRatio.of(scores, full, NonInferiorityRule.ALPHA)
        .filter(ratio -> mean > floor)
        .map(r -> new Retention(r.ratio(), r.low(), r.high(), Optional.empty()))
        .orElseGet(
            () ->
                Retention.undefined(
                    String.format(
                        Locale.ROOT,
                        "full_prefill scores %.3g, not above %.3g, twice the margin",
                        mean,
                        floor)));
  }

  private static NonInferiorityRule rule(
      QualityPlan plan, List<Sample> valid, NamedArm baseline, NamedArm arm) {
    NonInferiorityRule rule = new NonInferiorityRule(plan.margin());
    for (Sample sample : valid) {
      ArmRun full = sample.armRun(baseline.name());
      rule.add(
          full.score(plan.metric()),
          sample.armRun(arm.name()).score(plan.metric()),
          full.score().orElseThrow().isEmpty());
    }
    return rule;
  }

  static double[] scores(List<Sample> valid, NamedArm arm, String metric) {
    return valid.stream().mapToDouble(s -> s.armRun(arm.name()).score(metric)).toArray();
  }

  private static ImmutableIntArray tokens(Sample sample, NamedArm arm) {
    return sample.armRun(arm.name()).answer().orElseThrow().tokenIds();
  }

  /** Index of the first different token; empty if the answers are equal. */
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
