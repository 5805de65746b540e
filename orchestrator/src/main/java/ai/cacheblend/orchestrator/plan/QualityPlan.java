package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A benchmark of answer quality.
 *
 * @param dataset name of the data set in results
 * @param datasetSource value for {@code --dataset}: a name, or the absolute path of a file
 * @param datasetSha256 checksum of the data file
 * @param promptsSha256 checksum of the prompts and their references
 * @param samples number of prompts
 * @param sampling which items of the data set they are made of
 * @param prompt construction of prompts, and truncation and scoring of answers
 * @param maxPromptCharacters documents are omitted from the middle of longer prompts
 * @param chunkTokens maximum chunk length; longer documents are split. Empty: one chunk per
 *     document
 * @param retrieval choice of the chunks; empty: all chunks, in the order of the documents
 * @param metric identifier of the headline metric
 * @param margin largest acceptable loss of mean headline score
 * @param tier of the worker that chunks come from; empty: the device
 * @param selectionSamples samples on which a gate selects the arms to test; empty: it tests all
 * @param seed seed of random sampling, few-shot examples, the order of retrieved chunks, the order
 *     of arms in each block, and the permutation test
 */
public record QualityPlan(
    String dataset,
    String datasetSource,
    String datasetSha256,
    String promptsSha256,
    int samples,
    Sampling sampling,
    PromptTemplate prompt,
    OptionalInt maxPromptCharacters,
    OptionalInt chunkTokens,
    Optional<Retrieval> retrieval,
    String metric,
    List<NamedArm> arms,
    double margin,
    Optional<Tier> tier,
    OptionalInt selectionSamples,
    long seed,
    List<String> workers) {
  public QualityPlan {
    arms = NamedArm.distinct(arms);
    workers = List.copyOf(workers);
    requireSamples(samples);
    requirePromptCharacters(maxPromptCharacters);
    chunkTokens.ifPresent(
        count -> require(count >= 1, "chunk_tokens is " + count + "; use 1 or more"));
    requireRetrieval(retrieval, maxPromptCharacters);
    requireMargin(margin);
    require(!workers.isEmpty(), "workers is empty; name at least one");
    selectionSamples.ifPresent(
        count ->
            require(
                count >= 1 && count < samples,
                "selection_samples is "
                    + count
                    + " of "
                    + samples
                    + " samples; use 1 or more, and leave samples to test on"));
  }

  /** With chunks on the device, and without a selection of arms. */
  public QualityPlan(
      String dataset,
      String datasetSource,
      String datasetSha256,
      String promptsSha256,
      int samples,
      Sampling sampling,
      PromptTemplate prompt,
      OptionalInt maxPromptCharacters,
      OptionalInt chunkTokens,
      Optional<Retrieval> retrieval,
      String metric,
      List<NamedArm> arms,
      double margin,
      long seed,
      List<String> workers) {
    this(
        dataset,
        datasetSource,
        datasetSha256,
        promptsSha256,
        samples,
        sampling,
        prompt,
        maxPromptCharacters,
        chunkTokens,
        retrieval,
        metric,
        arms,
        margin,
        Optional.empty(),
        OptionalInt.empty(),
        seed,
        workers);
  }

  static void requireSamples(int samples) {
    require(samples >= 1, "samples is " + samples + "; use 1 or more");
  }

  static void requirePromptCharacters(OptionalInt limit) {
    limit.ifPresent(
        count -> require(count >= 1, "max-prompt-characters is " + count + "; use 1 or more"));
  }

  static void requireRetrieval(Optional<Retrieval> retrieval, OptionalInt maxPromptCharacters) {
    require(
        retrieval.isEmpty() || maxPromptCharacters.isEmpty(),
        "retrieve and max-prompt-characters both choose documents; leave one of them out");
  }

  static void requireMargin(double margin) {
    require(margin > 0 && margin < 1, "margin is " + margin + "; use more than 0, less than 1");
  }

  /** A copy with chunks of at most {@code tokens} tokens. */
  public QualityPlan withChunkTokens(int tokens) {
    return with(OptionalInt.of(tokens), arms, tier, selectionSamples);
  }

  /** A copy with other arms, all of which are tested. */
  public QualityPlan withArms(List<NamedArm> others) {
    return with(chunkTokens, others, tier, OptionalInt.empty());
  }

  /** A copy with chunks from a tier; empty: from the device. */
  public QualityPlan withTier(Optional<Tier> other) {
    return with(chunkTokens, arms, other, selectionSamples);
  }

  /** A copy with another number of samples to select arms on. */
  public QualityPlan withSelection(OptionalInt count) {
    return with(chunkTokens, arms, tier, count);
  }

  private QualityPlan with(
      OptionalInt otherChunkTokens,
      List<NamedArm> otherArms,
      Optional<Tier> otherTier,
      OptionalInt otherSelectionSamples) {
    return new QualityPlan(
        dataset,
        datasetSource,
        datasetSha256,
        promptsSha256,
        samples,
        sampling,
        prompt,
        maxPromptCharacters,
        otherChunkTokens,
        retrieval,
        metric,
        otherArms,
        margin,
        otherTier,
        otherSelectionSamples,
        seed,
        workers);
  }

  /** Maximum answer length in tokens. */
  public int maxNewTokens() {
    return prompt.maxNewTokens();
  }

  public List<String> stopStrings() {
    return prompt.stopStrings();
  }

  public boolean firstLineOnly() {
    return prompt.firstLineOnly();
  }

  public Optional<NamedArm> baseline() {
    return NamedArm.baseline(arms);
  }

  public Optional<NamedArm> headline() {
    return NamedArm.headline(arms);
  }
}
