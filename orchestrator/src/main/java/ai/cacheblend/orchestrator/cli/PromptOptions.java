package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.Retrieval;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Construction of prompts from data. */
final class PromptOptions {
  @Option(
      names = "--config",
      paramLabel = "NAME",
      description =
          "Configuration of a data set of the Hub, such as distractor or fullwiki of hotpotqa"
              + " (default: the one that benchmarks use).")
  private String config;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      description =
          "Split of a data set of the Hub, such as test or validation (default: the one that"
              + " benchmarks use).")
  private String split;

  @Option(
      names = "--prompt",
      paramLabel = "NAME|FILE",
      description =
          "Prompt template instead of that of the data set: cacheblend or longbench, with the"
              + " structure and special tokens of these experiments, or a JSON file.")
  private String prompt;

  @Option(
      names = "--max-prompt-characters",
      paramLabel = "N",
      description = "Omit documents from the middle of longer prompts.")
  private Integer maxPromptCharacters;

  @Option(
      names = "--retrieve",
      paramLabel = "K",
      description =
          "Make each prompt of the K chunks of the sample's documents that are nearest to the"
              + " question, in random order, by the sentence encoder "
              + Retrieval.ENCODER
              + ". Not for data without questions (default: all chunks).")
  private Integer retrieve;

  @Mixin private ChatOptions chat;

  ChatOptions chat() {
    return chat;
  }

  /** A data set with the configuration and split of these options. */
  String dataset(String dataset) {
    return Datasets.select(dataset, Optional.ofNullable(config), Optional.ofNullable(split));
  }

  /** Empty: the template of the data set. */
  Optional<PromptTemplate> prompt(String dataset) {
    return Optional.ofNullable(prompt).map(of -> Datasets.prompt(of, dataset));
  }

  Optional<Retrieval> retrieval() {
    return Optional.ofNullable(retrieve).map(Retrieval::of);
  }

  OptionalInt maxPromptCharacters() {
    return maxPromptCharacters == null ? OptionalInt.empty() : OptionalInt.of(maxPromptCharacters);
  }
}
