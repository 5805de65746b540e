package ai.cacheblend.orchestrator.dataset;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How to make a task from a data file.
 *
 * @param sampleLimit at most so many samples, the first of the file
 * @param promptFile a prompt template to use in place of the built-in one of the data set
 * @param maxPromptCharacters documents are left out from the middle until the prompt is no longer
 *     than this
 * @param seed draws the few-shot examples, where the data has none of its own
 */
public record DatasetOptions(
    int sampleLimit, Optional<Path> promptFile, OptionalInt maxPromptCharacters, long seed) {
  public DatasetOptions {
    if (sampleLimit < 1) {
      throw new IllegalArgumentException("samples is " + sampleLimit + "; use 1 or more");
    }
    if (maxPromptCharacters.isPresent() && maxPromptCharacters.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "max prompt characters is " + maxPromptCharacters.getAsInt() + "; use 1 or more");
    }
  }

  public static DatasetOptions samples(int sampleLimit) {
    return new DatasetOptions(sampleLimit, Optional.empty(), OptionalInt.empty(), 0);
  }
}
