package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.plan.SelectorKind;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.records.NamedPlans;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a sweep goes over; what is not given is as a named plan has it. */
final class SweepOptions {
  @Option(
      names = "--ratios",
      paramLabel = "SHARE",
      split = ",",
      description = "Shares of cached rows to recompute (default: 0.05,0.1,0.15,0.3).")
  private List<Double> ratios;

  @Option(
      names = "--selectors",
      paramLabel = "RULE",
      split = ",",
      description = {
        "How rows are chosen: value, key, chunk-head, random (default: value,random). Each with each"
            + " ratio is an arm, beside full_prefill and full_kv_reuse."
      })
  private List<String> selectors;

  @Option(
      names = "--check-layer",
      paramLabel = "LAYER",
      description = "Layer where value and key compare rows (default: 1).")
  private Integer checkLayer;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N",
      split = ",",
      description = "Tokens per cached chunk (default: 512).")
  private List<Integer> chunkTokens;

  @Option(
      names = "--chunk-counts",
      paramLabel = "N",
      split = ",",
      description = "Chunks per prompt (default: 2,4,8).")
  private List<Integer> chunkCounts;

  @Option(
      names = "--lengths",
      paramLabel = "TOKENS",
      split = ",",
      description = "Prompt lengths, BOS included, in place of --chunk-counts.")
  private List<Integer> lengths;

  @Mixin private SuffixOptions suffix;

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "Measured trials of each prompt shape (default: 5).")
  private Integer trials;

  @Mixin private WarmUpOptions warmUp;

  @Option(
      names = "--dataset",
      paramLabel = "NAME|FILE",
      split = ",",
      description = "Data sets for quality, as --dataset of quality (default: pocketwiki).")
  private List<String> datasets;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "At most so many samples of each data set (default: 100).")
  private Integer samples;

  @Option(
      names = "--margin",
      paramLabel = "SCORE",
      description =
          "Largest acceptable loss of mean headline score against full_prefill (default: 0.02).")
  private Double margin;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of prompts, random rows, the order of arms and permutation tests (default: 0).")
  private Long seed;

  /** The plan {@code name}, with what options say instead. */
  SweepPlan plan(String name, List<String> workers) {
    SweepPlan base = NamedPlans.sweep(name, workers);
    long chosenSeed = seed == null ? base.seed() : seed;
    return new SweepPlan(
        arms(base, chosenSeed), speed(base.speed()), data(base), chosenSeed, workers);
  }

  private List<NamedArm> arms(SweepPlan base, long chosenSeed) {
    if (ratios == null && selectors == null && checkLayer == null) {
      return base.arms();
    }
    ArmDefaults defaults = ArmDefaults.seed(chosenSeed);
    List<NamedArm> arms = new ArrayList<>();
    arms.add(ArmSyntax.named(new Arm.FullPrefill(), defaults));
    arms.add(ArmSyntax.named(new Arm.FullKvReuse(), defaults));
    for (Selector selector : selectors(base, defaults)) {
      for (double ratio : ratios == null ? base.ratios() : ratios) {
        arms.add(ArmSyntax.named(new Arm.CacheBlend(selector.withRatio(ratio)), defaults));
      }
    }
    return arms;
  }

  private List<Selector> selectors(SweepPlan base, ArmDefaults defaults) {
    List<Selector> chosen =
        selectors == null
            ? base.selectors()
            : selectors.stream()
                .map(text -> ArmSyntax.parseSelector(text.strip(), defaults))
                .toList();
    chosen.forEach(
        selector ->
            require(
                selector.ratio().isPresent(),
                "selectors has one without a ratio; use " + SelectorKind.names()));
    return checkLayer == null ? chosen : chosen.stream().map(this::atCheckLayer).toList();
  }

  private Selector atCheckLayer(Selector selector) {
    return selector instanceof Selector.Deviation deviation
        ? deviation.withCheckLayer(checkLayer)
        : selector;
  }

  private SweepPlan.Speed speed(SweepPlan.Speed base) {
    boolean replaced = chunkCounts != null || lengths != null;
    return new SweepPlan.Speed(
        chunkTokens == null ? base.chunkTokens() : chunkTokens,
        replaced ? orNone(chunkCounts) : base.chunkCounts(),
        replaced ? orNone(lengths) : base.lengths(),
        suffix.suffix().orElse(base.suffix()),
        trials == null ? base.trials() : trials,
        warmUp.warmUp().orElse(base.warmUp()),
        base.maxNewTokens());
  }

  private static List<Integer> orNone(List<Integer> values) {
    return values == null ? List.of() : values;
  }

  private List<SweepPlan.Data> data(SweepPlan base) {
    List<SweepPlan.Data> named =
        datasets == null ? base.data() : datasets.stream().map(d -> data(base, d)).toList();
    return named.stream()
        .map(
            data ->
                new SweepPlan.Data(
                    data.dataset(),
                    samples == null ? data.samples() : samples,
                    data.maxNewTokens(),
                    margin == null ? data.margin() : margin,
                    data.datasetSha256(),
                    data.promptsSha256()))
        .toList();
  }

  /** As much of a data set as the plan has of its first. */
  private static SweepPlan.Data data(SweepPlan base, String dataset) {
    return new SweepPlan.Data(
        dataset,
        base.data().get(0).samples(),
        Optional.empty(),
        base.data().get(0).margin(),
        Optional.empty(),
        Optional.empty());
  }
}
