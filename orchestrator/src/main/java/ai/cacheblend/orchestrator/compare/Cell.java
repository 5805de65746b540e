package ai.cacheblend.orchestrator.compare;

import java.util.Optional;

/**
 * The conditions of a value: arm, length, chunk size, tier, data set.
 *
 * @param length prompt tokens; empty for quality
 * @param chunkTokens tokens per chunk, if runs with several chunk sizes are compared, and for
 *     quality with split documents
 * @param tier name of the place of the chunks, if runs with several places are compared
 * @param dataset of quality only
 * @param load level of a load run, such as {@code rate 4}
 */
public record Cell(
    ComparedMeasure measure,
    String arm,
    Optional<Integer> length,
    Optional<Integer> chunkTokens,
    Optional<String> tier,
    Optional<String> dataset,
    Optional<String> load) {

  static Cell ofLength(ComparedMeasure measure, String arm, int length, RunPart part) {
    return new Cell(
        measure,
        arm,
        Optional.of(length),
        part.chunkTokens(),
        part.tier(),
        Optional.empty(),
        Optional.empty());
  }

  static Cell ofDataset(
      String arm, String dataset, Optional<Integer> chunkTokens, Optional<String> tier) {
    return new Cell(
        ComparedMeasure.QUALITY,
        arm,
        Optional.empty(),
        chunkTokens,
        tier,
        Optional.of(dataset),
        Optional.empty());
  }

  static Cell ofLoad(ComparedMeasure measure, String arm, String load) {
    return new Cell(
        measure,
        arm,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(load));
  }

  static Cell ofArm(ComparedMeasure measure, String arm) {
    return new Cell(
        measure,
        arm,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** In the syntax of conditions, such as {@code ttft of cacheblend at 4096}. */
  public String words() {
    return measure.label()
        + " of "
        + arm
        + length.map(l -> " at " + l).orElse("")
        + load.map(l -> " at " + l).orElse("")
        + chunkTokens.map(tokens -> " in chunks of " + tokens).orElse("")
        + tier.map(of -> " from " + of).orElse("")
        + dataset.map(d -> " on " + d).orElse("");
  }
}
