package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An arm and its name in results: its text form as given by the user.
 *
 * @param name such as {@code full_prefill} or {@code cacheblend@0.15:key}
 */
public record NamedArm(String name, Arm arm) {
  public NamedArm {
    require(!name.isBlank(), "arm name is empty; write for example cacheblend@0.15");
  }

  /**
   * The selector and the rest of its definition without the ratio, to group the arms of a sweep;
   * empty for other arms, and where the ratio is not a single fixed number.
   */
  public Optional<Selector> selectorOfAnyRatio() {
    return arm instanceof Arm.CacheBlend blend
            && !blend.raisesRatio()
            && blend.selector().ratio().isPresent()
        ? Optional.of(blend.selector().withRatio(Defaults.RECOMPUTE_RATIO))
        : Optional.empty();
  }

  /** The name without {@code @} and the ratio; a check layer stays. */
  public String nameWithoutRatio() {
    return name.replaceFirst("@([0-9]+=)?[0-9.eE-]+", "@$1").replaceFirst("@(?=:|$)", "");
  }

  /** A copy of {@code arms}; their names must be distinct. */
  static List<NamedArm> distinct(List<NamedArm> arms) {
    require(!arms.isEmpty(), "arms is empty; name at least one, such as full_prefill");
    Set<String> names = new HashSet<>();
    for (NamedArm arm : arms) {
      require(names.add(arm.name), "arms has " + arm.name + " twice; name each arm once");
    }
    return List.copyOf(arms);
  }

  /** The baseline: the arm that others are compared with. */
  static Optional<NamedArm> baseline(List<NamedArm> arms) {
    return arms.stream().filter(a -> a.arm instanceof Arm.FullPrefill).findFirst();
  }

  /** The arm of the headline results: {@code cacheblend}, or else the first blending arm. */
  static Optional<NamedArm> headline(List<NamedArm> arms) {
    return arms.stream()
        .filter(a -> a.name.equals("cacheblend"))
        .findFirst()
        .or(() -> arms.stream().filter(a -> a.arm instanceof Arm.CacheBlend).findFirst());
  }
}
