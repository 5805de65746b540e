package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How to make a task from a data file.
 *
 * @param sampleLimit upper limit of samples, which are the first of the file
 * @param prompt template in place of the one of the data set
 * @param maxPromptCharacters documents are left out from the middle of longer prompts
 * @param seed draws the few-shot examples, where the data has none of its own
 */
public record DatasetOptions(
    int sampleLimit, Optional<PromptTemplate> prompt, OptionalInt maxPromptCharacters, long seed) {
  public DatasetOptions {
    if (sampleLimit < 1) {
      throw new IllegalArgumentException("samples is " + sampleLimit + "; use 1 or more");
    }
    if (maxPromptCharacters.isPresent() && maxPromptCharacters.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "max prompt characters is " + maxPromptCharacters.getAsInt() + "; use 1 or more");
    }
  }

  /** The template of the data set, whole prompts, seed 0. */
  public static DatasetOptions samples(int sampleLimit) {
    return new DatasetOptions(sampleLimit, Optional.empty(), OptionalInt.empty(), 0);
  }
}
