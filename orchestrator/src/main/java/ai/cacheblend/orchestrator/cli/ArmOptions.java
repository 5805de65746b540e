package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.CheckStep;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.SelectorKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** Which arms to run. */
final class ArmOptions {

  /** Names of the selectors, for help texts. */
  static final class Selectors extends ArrayList<String> {
    Selectors() {
      super(SelectorKind.names());
    }
  }

  private static final String AUTO = "auto";

  @Option(
      names = "--arms",
      paramLabel = "ARM,...",
      defaultValue = Defaults.ARMS,
      description = "Arms to run, in the forms below (default: ${DEFAULT-VALUE}).")
  private String arms;

  @Option(
      names = "--ratio",
      paramLabel = "SHARE|auto",
      description =
          "Share of cached rows to recompute in arms without @ (default: "
              + Defaults.RECOMPUTE_RATIO
              + "). auto: this default, and more while chunks are loaded from a tier.")
  private String ratio;

  @Option(
      names = "--check-layer",
      paramLabel = "LAYER",
      description =
          "Layer where cacheblend compares fresh and cached KV (default: "
              + Defaults.CHECK_LAYER
              + ").")
  private Integer checkLayer;

  @Option(
      names = "--schedule",
      paramLabel = "LAYER=SHARE,...",
      description = "Gradual filter; replaces --ratio and --check-layer.")
  private String schedule;

  @Option(
      names = "--selector",
      paramLabel = "SELECTOR",
      defaultValue = "value",
      completionCandidates = Selectors.class,
      description =
          "Selector of an arm written cacheblend: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  private String selector;

  /**
   * The arms of a run.
   *
   * @param seed of random rows
   */
  List<NamedArm> arms(long seed) {
    ArmDefaults defaults = ArmDefaults.of(schedule(), seed);
    if (AUTO.equals(ratio)) {
      defaults = defaults.raisingRatio();
    }
    return ArmSyntax.parseAll(
        arms, defaults.withPlain(ArmSyntax.parseSelector(selector, defaults)));
  }

  private List<CheckStep> schedule() {
    int layer = checkLayer == null ? Defaults.CHECK_LAYER : checkLayer;
    if (schedule != null) {
      require(
          ratio == null && checkLayer == null,
          "--schedule replaces --ratio and --check-layer; leave them out");
      require(schedule.indexOf('=') > 0, "schedule is '" + schedule + "'; write LAYER=SHARE,...");
      return CheckStep.parse(schedule, layer);
    }
    return ratio == null || ratio.equals(AUTO)
        ? List.of(new CheckStep(layer, Defaults.RECOMPUTE_RATIO))
        : CheckStep.parse(ratio, layer);
  }

  /** Check layers of all arms, and the default check layer. */
  static Set<Integer> checkLayers(List<NamedArm> arms) {
    Set<Integer> layers = new TreeSet<>(Set.of(Defaults.CHECK_LAYER));
    arms.forEach(arm -> layers.addAll(arm.arm().checkLayers()));
    return layers;
  }
}
