package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.Sampling;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How to make a task from a data file.
 *
 * @param sampleLimit upper limit of samples
 * @param sampling which items are used if there are more
 * @param prompt template in place of the one of the data set
 * @param maxPromptCharacters documents are left out from the middle of longer prompts
 * @param seed draws random samples, and the few-shot examples, where the data has none of its own
 */
public record DatasetOptions(
    int sampleLimit,
    Sampling sampling,
    Optional<PromptTemplate> prompt,
    OptionalInt maxPromptCharacters,
    long seed) {
  public DatasetOptions {
    if (sampleLimit < 1) {
      throw new IllegalArgumentException("samples is " + sampleLimit + "; use 1 or more");
    }
    if (maxPromptCharacters.isPresent() && maxPromptCharacters.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "max prompt characters is " + maxPromptCharacters.getAsInt() + "; use 1 or more");
    }
  }

  /** The first samples, the template of the data set, whole prompts, seed 0. */
  public static DatasetOptions samples(int sampleLimit) {
    return new DatasetOptions(
        sampleLimit, Sampling.FIRST, Optional.empty(), OptionalInt.empty(), 0);
  }
}
