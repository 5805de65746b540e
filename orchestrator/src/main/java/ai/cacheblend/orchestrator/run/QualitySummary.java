package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

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
   * @param difference headline score of full prefill minus this arm's, sample by sample
   * @param identicalShare answers with the same tokens as full prefill's
   */
  public record ArmFigures(
      Map<String, Summary> scores,
      Optional<PairedDifference> difference,
      OptionalDouble identicalShare) {}

  public static QualitySummary of(QualityPlan plan, List<SampleResult> samples) {
    List<SampleResult> valid = samples.stream().filter(SampleResult::valid).toList();
    Map<String, ArmFigures> arms = new LinkedHashMap<>();
    if (!valid.isEmpty()) {
      for (NamedArm arm : plan.arms()) {
        arms.put(arm.name(), figures(plan, valid, arm));
      }
    }
    return new QualitySummary(valid.size(), samples.size() - valid.size(), arms);
  }

  private static ArmFigures figures(QualityPlan plan, List<SampleResult> samples, NamedArm arm) {
    Map<String, Summary> scores = new LinkedHashMap<>();
    for (String metric : samples.get(0).answer(arm.name()).scores().keySet()) {
      scores.put(metric, Summary.of(scores(samples, arm, metric)));
    }
    Optional<NamedArm> baseline = plan.baseline().filter(b -> !b.equals(arm));
    return new ArmFigures(
        scores,
        baseline.map(
            b ->
                PairedDifference.of(
                    scores(samples, b, plan.metric()), scores(samples, arm, plan.metric()))),
        baseline
            .map(b -> OptionalDouble.of(identicalShare(samples, b, arm)))
            .orElse(OptionalDouble.empty()));
  }

  private static double[] scores(List<SampleResult> samples, NamedArm arm, String metric) {
    return samples.stream().mapToDouble(s -> s.answer(arm.name()).scores().get(metric)).toArray();
  }

  private static double identicalShare(List<SampleResult> samples, NamedArm one, NamedArm other) {
    long same =
        samples.stream()
            .filter(
                s ->
                    s.answer(one.name())
                        .result()
                        .tokenIds()
                        .equals(s.answer(other.name()).result().tokenIds()))
            .count();
    return (double) same / samples.size();
  }
}
