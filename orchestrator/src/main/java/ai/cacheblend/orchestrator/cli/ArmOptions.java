package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmDefaults.SelectorKind;
import ai.cacheblend.orchestrator.plan.ArmSpecs;
import ai.cacheblend.orchestrator.plan.CheckStep;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** Which arms to run. */
final class ArmOptions {
  private static final double DEFAULT_RATIO = 0.15;

  @Option(
      names = "--arms",
      paramLabel = "ARM,...",
      defaultValue = "full_prefill,full_kv_reuse,cacheblend",
      description = {
        "Arms to run (default: ${DEFAULT-VALUE}). An arm is one of",
        "full_prefill, full_kv_reuse,",
        "cacheblend[@SHARE|@LAYER=SHARE,...][:value|:key],",
        "chunk-head[@SHARE|:k=ROWS], random[@SHARE][:seed=N].",
      })
  private String arms;

  @Option(
      names = "--ratio",
      paramLabel = "SHARE",
      description = "Share of cached rows that an arm without @ recomputes (default: 0.15).")
  private Double ratio;

  @Option(
      names = "--check-layer",
      paramLabel = "LAYER",
      description = "Layer where cacheblend compares rows (default: 1).")
  private Integer checkLayer;

  @Option(
      names = "--schedule",
      paramLabel = "LAYER=SHARE,...",
      description = "Gradual filter in place of --ratio and --check-layer.")
  private String schedule;

  @Option(
      names = "--selector",
      paramLabel = "RULE",
      defaultValue = "value",
      description =
          "How a plain cacheblend chooses rows: value, key, chunk-head or random"
              + " (default: ${DEFAULT-VALUE}).")
  private String selector;

  List<NamedArm> arms(long seed) {
    return ArmSpecs.parseAll(arms, new ArmDefaults(selector(), schedule(), seed));
  }

  private List<CheckStep> schedule() {
    if (schedule != null) {
      require(
          ratio == null && checkLayer == null,
          "--schedule replaces --ratio and --check-layer; leave them out");
      require(schedule.indexOf('=') > 0, "schedule is '" + schedule + "'; write LAYER=SHARE,...");
      return ArmSpecs.parseSchedule(schedule, 1);
    }
    return List.of(
        new CheckStep(checkLayer == null ? 1 : checkLayer, ratio == null ? DEFAULT_RATIO : ratio));
  }

  private SelectorKind selector() {
    return Arrays.stream(SelectorKind.values())
        .filter(kind -> kind.toString().equals(selector.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new PlanException(
                    "selector is '" + selector + "'; use value, key, chunk-head or random"));
  }

  /** All layers the arms check at, and the usual one. */
  static Set<Integer> checkLayers(List<NamedArm> arms) {
    Set<Integer> layers = new TreeSet<>(Set.of(1));
    arms.forEach(arm -> layers.addAll(arm.arm().checkLayers()));
    return layers;
  }
}
