package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.NonInferiority;
import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.metrics.Resampling;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides in a few looks, each at about twice as many samples as the one before, whether every arm
 * keeps within the margin of full prefill.
 *
 * <p>Whoever looks often finds what chance shows once; so each look has an interval of level {@code
 * 1 - 0.05 / looks} (Bonferroni), and the chance of a wrong verdict stays below 5 % over all.
 */
public final class Gate {
  private static final int FIRST_LOOK_SAMPLES = 25;
  private static final double ALLOWED_MISS = 0.05;

  private final QualityPlan plan;
  private final List<Integer> looks;

  /**
   * An arm at a look.
   *
   * @param validCount samples that count
   * @param difference mean headline score of full prefill minus this arm's
   * @param interval of it
   */
  public record Look(
      String arm,
      int sampleCount,
      int validCount,
      double difference,
      Resampling.Interval interval,
      NonInferiority verdict) {}

  /** Looks at samples up to the plan's number of them. */
  public Gate(QualityPlan plan) {
    this.plan = plan;
    PlanException.require(
        plan.baseline().isPresent() && plan.arms().size() > 1,
        "arms is "
            + plan.arms().stream().map(NamedArm::name).toList()
            + "; a gate needs full_prefill and an arm to judge by it");
    List<Integer> counts = new ArrayList<>();
    for (int count = FIRST_LOOK_SAMPLES; count < plan.samples(); count *= 2) {
      counts.add(count);
    }
    counts.add(plan.samples());
    looks = List.copyOf(counts);
  }

  /** Numbers of samples to look at, ascending. */
  public List<Integer> looks() {
    return looks;
  }

  /** Level of the interval at each look. */
  public double level() {
    return 1 - ALLOWED_MISS / looks.size();
  }

  /** What the first {@code sampleCount} samples say of each arm but full prefill. */
  public List<Look> look(int sampleCount, List<SampleResult> samples) {
    List<SampleResult> valid = samples.stream().filter(SampleResult::valid).toList();
    NamedArm baseline = plan.baseline().orElseThrow();
    return plan.arms().stream()
        .filter(arm -> !arm.equals(baseline))
        .map(arm -> look(sampleCount, valid, baseline, arm))
        .toList();
  }

  private Look look(int sampleCount, List<SampleResult> valid, NamedArm baseline, NamedArm arm) {
    if (valid.size() < 2) {
      Resampling.Interval unknown = new Resampling.Interval(Double.NaN, Double.NaN);
      return new Look(
          arm.name(), sampleCount, valid.size(), Double.NaN, unknown, NonInferiority.UNDECIDED);
    }
    double[] differences =
        PairedDifference.differences(scores(valid, baseline), scores(valid, arm));
    Resampling.Interval interval = Resampling.interval(differences, level(), plan.seed());
    return new Look(
        arm.name(),
        sampleCount,
        valid.size(),
        PairedDifference.of(scores(valid, baseline), scores(valid, arm)).mean(),
        interval,
        NonInferiority.of(interval.low(), interval.high(), plan.margin()));
  }

  private double[] scores(List<SampleResult> samples, NamedArm arm) {
    return samples.stream()
        .mapToDouble(sample -> sample.answer(arm.name()).scores().get(plan.metric()))
        .toArray();
  }

  /** Inferior if one arm is, non-inferior if all are. */
  public static NonInferiority verdict(List<Look> arms) {
    if (arms.stream().anyMatch(look -> look.verdict == NonInferiority.INFERIOR)) {
      return NonInferiority.INFERIOR;
    }
    return arms.stream().allMatch(look -> look.verdict == NonInferiority.NON_INFERIOR)
        ? NonInferiority.NON_INFERIOR
        : NonInferiority.UNDECIDED;
  }
}
