package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.NonInferiority;
import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.metrics.Resampling;
import ai.cacheblend.metrics.Summary;
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
   * An arm against full prefill, sample by sample.
   *
   * @param difference headline score of full prefill minus this arm's
   * @param resampling of the same differences
   * @param verdict whether the bootstrap interval of the difference keeps below the plan's margin
   * @param identicalShare answers with the same tokens as full prefill's
   * @param firstDivergence index of the first token that differs, of the other answers; empty if
   *     there is none
   */
  public record Comparison(
      PairedDifference difference,
      Resampling resampling,
      NonInferiority verdict,
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
    Resampling resampling = Resampling.of(PairedDifference.differences(full, other), plan.seed());
    double[] divergences =
        samples.stream()
            .map(sample -> divergence(tokens(sample, baseline), tokens(sample, arm)))
            .filter(OptionalInt::isPresent)
            .mapToDouble(OptionalInt::getAsInt)
            .toArray();
    // One pair has no interval to judge by.
    double high = samples.size() > 1 ? resampling.high95() : Double.NaN;
    double low = samples.size() > 1 ? resampling.low95() : Double.NaN;
    return new Comparison(
        PairedDifference.of(full, other),
        resampling,
        NonInferiority.of(low, high, plan.margin()),
        1 - (double) divergences.length / samples.size(),
        divergences.length == 0 ? Optional.empty() : Optional.of(Summary.of(divergences)));
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
