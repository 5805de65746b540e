package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.Tier;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Data of a quality run, and parameters of its evaluation. */
final class QualityOptions {
  @Option(
      names = "--dataset",
      paramLabel = "NAME|FILE",
      defaultValue = Defaults.DATASET,
      description =
          "2wikimqa, samsum, musique, hotpotqa, multi_news, pocketwiki, pocketchat,"
              + " pocketretrieval, pocketretrieval-4k, a repository ORGANISATION/NAME of the Hub,"
              + " or a file (default: ${DEFAULT-VALUE}).")
  private String dataset;

  @Mixin private PromptOptions prompts;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N",
      description =
          "Maximum chunk length; longer documents are cut (default: "
              + Defaults.CHUNK_TOKENS
              + " with --retrieve, else documents are not cut).")
  private Integer chunkTokens;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Maximum answer length in tokens (default: from the prompt template).")
  private Integer maxNewTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + Defaults.SEED,
      description =
          "Seed of the order of samples and arms, few-shot examples, random rows, and permutation"
              + " tests (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--margin",
      paramLabel = "SCORE",
      defaultValue = "" + Defaults.MARGIN,
      description =
          "Largest acceptable loss of the mean score against full_prefill, between 0 and 1"
              + " (default: ${DEFAULT-VALUE}).")
  private double margin;

  @Option(
      names = "--tier",
      paramLabel = "host|disk|store",
      description =
          "Move the chunks of each sample to this tier of the worker before every arm that reads"
              + " them, and verify that they come from there (default: the device).")
  private String tier;

  ChatOptions chat() {
    return prompts.chat();
  }

  long seed() {
    return seed;
  }

  /** Where chunks come from; empty: the device. */
  Optional<Tier> tier() {
    return Optional.ofNullable(tier).map(Tier::ofId);
  }

  /** Maximum chunk length; empty: documents are not cut. */
  OptionalInt chunkTokens() {
    if (chunkTokens != null) {
      return OptionalInt.of(chunkTokens);
    }
    return prompts.retrieval().isPresent()
        ? OptionalInt.of(Defaults.CHUNK_TOKENS)
        : OptionalInt.empty();
  }

  /**
   * The data.
   *
   * @param samples upper limit
   */
  SweepPlan.Data data(int samples) {
    return new SweepPlan.Data(
        prompts.dataset(dataset),
        samples,
        prompts.prompt(dataset),
        prompts.maxPromptCharacters(),
        prompts.retrieval(),
        maxNewTokens == null ? OptionalInt.empty() : OptionalInt.of(maxNewTokens),
        margin,
        Optional.empty(),
        Optional.empty());
  }
}
