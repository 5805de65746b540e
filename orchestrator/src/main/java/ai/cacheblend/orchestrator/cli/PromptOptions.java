package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** Construction of prompts from data. */
final class PromptOptions {
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

  /** Empty: the template of the data set. */
  Optional<PromptTemplate> prompt(String dataset) {
    return Optional.ofNullable(prompt).map(of -> Datasets.prompt(of, dataset));
  }

  OptionalInt maxPromptCharacters() {
    return maxPromptCharacters == null ? OptionalInt.empty() : OptionalInt.of(maxPromptCharacters);
  }
}
