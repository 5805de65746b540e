package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.records.NamedPlans;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Parameters of a sweep; those not given come from a named plan. */
final class SweepOptions {
  @Option(
      names = "--ratios",
      paramLabel = "SHARE,...",
      split = ",",
      hideParamSyntax = true,
      description = "Shares of cached rows to recompute (default: from the plan).")
  private List<Double> ratios;

  @Option(
      names = "--selectors",
      paramLabel = "SELECTOR,...",
      split = ",",
      hideParamSyntax = true,
      completionCandidates = ArmOptions.Selectors.class,
      description =
          "Selectors: ${COMPLETION-CANDIDATES}, with options as in arms (query-attn:expand), or all"
              + " (default: from the plan). Each with each ratio is an arm, beside full_prefill"
              + " and full_kv_reuse. Selectors are ranked at equal charged budgets.")
  private List<String> selectors;

  @Option(
      names = "--check-layer",
      paramLabel = "LAYER",
      description =
          "Layer where value and key compare fresh and cached KV (default: from the plan).")
  private Integer checkLayer;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N,...",
      split = ",",
      hideParamSyntax = true,
      description = "Tokens per cached chunk (default: from the plan).")
  private List<Integer> chunkTokens;

  @Option(
      names = "--chunk-counts",
      paramLabel = "N,...",
      split = ",",
      hideParamSyntax = true,
      description = "Chunks per prompt (default: from the plan).")
  private List<Integer> chunkCounts;

  @Option(
      names = "--lengths",
      paramLabel = "TOKENS,...",
      split = ",",
      hideParamSyntax = true,
      description = "Prompt lengths, BOS included, instead of --chunk-counts.")
  private List<Integer> lengths;

  @Mixin private SuffixOptions suffix;

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "Measured trials per prompt shape (default: from the plan).")
  private Integer trials;

  @Mixin private WarmUpOptions warmUp;

  @Mixin private TierOptions tiers;

  @Option(
      names = "--dataset",
      paramLabel = "NAME|FILE,...",
      split = ",",
      hideParamSyntax = true,
      description = "Data sets, as in quality (default: from the plan).")
  private List<String> datasets;

  @Mixin private PromptOptions prompts;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Upper limit of samples of each data set (default: from the plan).")
  private Integer samples;

  @Option(
      names = "--margin",
      paramLabel = "SCORE",
      description =
          "Largest acceptable loss of the mean score against full_prefill, between 0 and 1"
              + " (default: from the plan).")
  private Double margin;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Seed of prompts, few-shot examples, random rows, the order of arms, and permutation"
              + " tests"
              + " (default: from the plan).")
  private Long seed;

  ChatOptions chat() {
    return prompts.chat();
  }

  /** The plan {@code name}, modified by the options. */
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
    return SelectorArms.of(
        selectors(base, defaults), ratios == null ? base.ratios() : ratios, defaults);
  }

  private List<Selector> selectors(SweepPlan base, ArmDefaults defaults) {
    List<Selector> chosen =
        selectors == null ? base.selectors() : SelectorArms.selectors(selectors, defaults);
    return checkLayer == null
        ? chosen
        : chosen.stream().map(selector -> selector.withCheckLayer(checkLayer)).toList();
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
        base.maxNewTokens(),
        tiers.tiers(base.tiers()));
  }

  private static List<Integer> orNone(List<Integer> values) {
    return values == null ? List.of() : values;
  }

  private List<SweepPlan.Data> data(SweepPlan base) {
    SweepPlan.Data first = base.data().get(0);
    List<SweepPlan.Data> chosen =
        datasets == null
            ? base.data()
            : datasets.stream()
                .map(name -> SweepPlan.Data.of(name, first.samples(), first.margin()))
                .toList();
    return chosen.stream()
        .map(
            data ->
                new SweepPlan.Data(
                    prompts.dataset(data.dataset()),
                    samples == null ? data.samples() : samples,
                    prompts.prompt(data.dataset()).or(data::prompt),
                    prompts.maxPromptCharacters().isPresent()
                        ? prompts.maxPromptCharacters()
                        : data.maxPromptCharacters(),
                    prompts.retrieval().or(data::retrieval),
                    data.maxNewTokens(),
                    margin == null ? data.margin() : margin,
                    data.datasetSha256(),
                    data.promptsSha256()))
        .toList();
  }
}
