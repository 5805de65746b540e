package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.run.ArmSelection;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** The arms among which a gate selects. */
final class CandidateOptions {
  private static final String AUTO = "auto";
  private static final int SELECTION_DIVISOR = 4;

  @Option(
      names = "--selector",
      paramLabel = "SELECTOR",
      description =
          "auto: find the cheapest arm that passes. Candidates are compared on a quarter of the"
              + " samples ("
              + Defaults.GATE_SELECTION_SAMPLES
              + " at most) and tested on the others. Replaces --arm.")
  private String selector;

  @Option(
      names = "--selectors",
      paramLabel = "SELECTOR,...",
      split = ",",
      hideParamSyntax = true,
      description = "Selectors of the candidates of auto, as in sweep (default: all).")
  private List<String> selectors;

  @Option(
      names = "--ratios",
      paramLabel = "SHARE,...",
      split = ",",
      hideParamSyntax = true,
      description =
          "Shares of cached rows that the candidates of auto recompute (default: "
              + Defaults.GATE_RATIOS
              + ").")
  private List<Double> ratios;

  /** Whether the gate selects its arm. */
  boolean auto() {
    require(
        selector == null || selector.equals(AUTO),
        "selector is '" + selector + "'; use auto, or --arm for one arm");
    require(
        selector != null || (selectors == null && ratios == null),
        "--selectors and --ratios are candidates of --selector auto; add it, or use --arm");
    return selector != null;
  }

  /** Full prefill, full KV reuse, and each selector with each ratio that a gate can select. */
  List<NamedArm> arms(long seed) {
    ArmDefaults defaults = ArmDefaults.seed(seed);
    List<Selector> chosen =
        SelectorArms.selectors(selectors == null ? List.of("all") : selectors, defaults);
    return SelectorArms.of(chosen, ratios == null ? Defaults.gateRatios() : ratios, defaults)
        .stream()
        .filter(arm -> !(arm.arm() instanceof Arm.CacheBlend) || ArmSelection.isCandidate(arm))
        .toList();
  }

  /** A quarter of the samples, up to a limit. */
  static OptionalInt selectionSamples(int samples) {
    require(
        samples >= SELECTION_DIVISOR,
        "max-samples is " + samples + "; --selector auto needs 4 or more");
    return OptionalInt.of(Math.min(Defaults.GATE_SELECTION_SAMPLES, samples / SELECTION_DIVISOR));
  }
}
