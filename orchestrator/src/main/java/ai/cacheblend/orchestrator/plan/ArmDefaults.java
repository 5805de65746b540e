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
 * @param seed of random rows
 */
public record ArmDefaults(Selector plain, List<CheckStep> schedule, long seed) {
  public ArmDefaults {
    Objects.requireNonNull(plain, "plain");
    schedule = CheckStep.schedule(schedule);
  }

  /** Value deviation with {@code schedule}. */
  public static ArmDefaults of(List<CheckStep> schedule, long seed) {
    return new ArmDefaults(new Deviation(Tensor.VALUE, schedule), schedule, seed);
  }

  /** The defaults of a run in which only the seed was chosen. */
  public static ArmDefaults seed(long seed) {
    return of(List.of(new CheckStep(Defaults.CHECK_LAYER, Defaults.RECOMPUTE_RATIO)), seed);
  }

  /** A copy with another selector for a plain {@code cacheblend}. */
  public ArmDefaults withPlain(Selector selector) {
    return new ArmDefaults(selector, schedule, seed);
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
