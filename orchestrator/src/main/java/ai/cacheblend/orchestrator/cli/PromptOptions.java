package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How prompts are made of data. */
final class PromptOptions {
  @Option(
      names = "--prompt",
      paramLabel = "NAME|FILE",
      description =
          "Prompt template in place of the data set's own: cacheblend or longbench, with the"
              + " structure and special tokens of these experiments, or a JSON file.")
  private String prompt;

  @Option(
      names = "--max-prompt-characters",
      paramLabel = "N",
      description = "Leave out documents from the middle of longer prompts.")
  private Integer maxPromptCharacters;

  /** Empty: the template of the data set. */
  Optional<PromptTemplate> prompt(String dataset) {
    return Optional.ofNullable(prompt).map(of -> Datasets.prompt(of, dataset));
  }

  OptionalInt maxPromptCharacters() {
    return maxPromptCharacters == null ? OptionalInt.empty() : OptionalInt.of(maxPromptCharacters);
  }
}
