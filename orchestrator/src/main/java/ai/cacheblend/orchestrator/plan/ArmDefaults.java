package ai.cacheblend.orchestrator.plan;

import ai.cacheblend.orchestrator.plan.Selector.Deviation;
import ai.cacheblend.orchestrator.plan.Selector.Tensor;
import java.util.List;
import java.util.Objects;

/**
 * Default values for the text and JSON forms of arms.
 *
 * @param plain selector of an arm written {@code cacheblend}
 * @param schedule shares by check layer; the last share is the ratio of selectors without check
 *     layers
 * @param raisesRatio whether the ratio of arms without a share may be raised
 * @param seed of random rows
 */
public record ArmDefaults(
    Selector plain, List<CheckStep> schedule, boolean raisesRatio, long seed) {
  public ArmDefaults {
    Objects.requireNonNull(plain, "plain");
    schedule = CheckStep.schedule(schedule);
  }

  /** Value deviation with {@code schedule}. */
  public static ArmDefaults of(List<CheckStep> schedule, long seed) {
    return new ArmDefaults(new Deviation(Tensor.VALUE, schedule), schedule, false, seed);
  }

  /** The defaults of a run in which only the seed was chosen. */
  public static ArmDefaults seed(long seed) {
    return of(List.of(new CheckStep(Defaults.CHECK_LAYER, Defaults.RECOMPUTE_RATIO)), seed);
  }

  /** A copy with another selector for a plain {@code cacheblend}. */
  public ArmDefaults withPlain(Selector selector) {
    return new ArmDefaults(selector, schedule, raisesRatio, seed);
  }

  /** A copy in which the ratio of arms without a share may be raised. */
  public ArmDefaults raisingRatio() {
    return new ArmDefaults(plain, schedule, true, seed);
  }

  /** Tensor of a deviation selector without one. */
  Tensor tensor() {
    return plain instanceof Deviation deviation ? deviation.tensor() : Tensor.VALUE;
  }

  double recomputeRatio() {
    return schedule.get(schedule.size() - 1).share();
  }

  int firstCheckLayer() {
    return schedule.get(0).layer();
  }
}
