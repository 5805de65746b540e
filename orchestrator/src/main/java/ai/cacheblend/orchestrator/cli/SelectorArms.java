package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.plan.SelectorKind;
import java.util.ArrayList;
import java.util.List;

/** Arms of {@code --selectors} and {@code --ratios}. */
final class SelectorArms {
  private SelectorArms() {}

  /**
   * Parses selectors.
   *
   * @param names selectors as in arms, or {@code all}
   */
  static List<Selector> selectors(List<String> names, ArmDefaults defaults) {
    List<Selector> selectors = new ArrayList<>();
    for (String name : SelectorKind.expanded(names)) {
      Selector selector = ArmSyntax.parseSelector(name.strip(), defaults);
      require(
          selector.ratio().isPresent(),
          "selectors has " + name + ", which has no ratio; use " + SelectorKind.names());
      selectors.add(selector);
    }
    return selectors;
  }

  /** Full prefill, full KV reuse, and each selector with each ratio. */
  static List<NamedArm> of(List<Selector> selectors, List<Double> ratios, ArmDefaults defaults) {
    List<NamedArm> arms = new ArrayList<>();
    arms.add(ArmSyntax.named(new Arm.FullPrefill(), defaults));
    arms.add(ArmSyntax.named(new Arm.FullKvReuse(), defaults));
    for (Selector selector : selectors) {
      for (double ratio : ratios) {
        arms.add(ArmSyntax.named(new Arm.CacheBlend(selector.withRatio(ratio)), defaults));
      }
    }
    return arms;
  }
}
