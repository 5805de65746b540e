package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How prompts are made of data. */
final class PromptOptions {
  @Option(
      names = "--prompt",
      paramLabel = "FILE",
      description = "Prompt template, JSON, in place of the data set's own.")
  private Path prompt;

  @Option(
      names = "--max-prompt-characters",
      paramLabel = "N",
      description = "Leave out documents from the middle of longer prompts.")
  private Integer maxPromptCharacters;

  /** Empty: the template of the data set. */
  Optional<PromptTemplate> prompt() {
    return Optional.ofNullable(prompt).map(Datasets::promptFile);
  }

  OptionalInt maxPromptCharacters() {
    return maxPromptCharacters == null ? OptionalInt.empty() : OptionalInt.of(maxPromptCharacters);
  }
}
