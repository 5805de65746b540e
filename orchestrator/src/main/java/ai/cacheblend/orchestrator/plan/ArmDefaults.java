package ai.cacheblend.orchestrator.plan;

import java.util.List;
import java.util.Locale;

/**
 * What an arm's specification leaves open.
 *
 * @param selector the rule of a plain {@code cacheblend}
 * @param schedule shares by check layer; the last share is the ratio of rules without check layers
 * @param seed of random rows
 */
public record ArmDefaults(SelectorKind selector, List<CheckStep> schedule, long seed) {

  /** The rules by the name the command line gives them. */
  public enum SelectorKind {
    VALUE,
    KEY,
    CHUNK_HEAD,
    RANDOM;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public ArmDefaults {
    schedule = CheckStep.schedule(schedule);
  }

  public static ArmDefaults ratio(double recomputeRatio) {
    return ratio(recomputeRatio, 0);
  }

  public static ArmDefaults ratio(double recomputeRatio, long seed) {
    return new ArmDefaults(SelectorKind.VALUE, List.of(new CheckStep(1, recomputeRatio)), seed);
  }

  double recomputeRatio() {
    return schedule.get(schedule.size() - 1).share();
  }

  int firstCheckLayer() {
    return schedule.get(0).layer();
  }
}
