package ai.cacheblend.orchestrator.compare;

import java.util.Optional;

/**
 * Where a value was measured.
 *
 * @param length prompt tokens; empty for quality
 * @param chunkTokens tokens per chunk, where runs with several chunk sizes are compared, and of
 *     quality whose documents were cut
 * @param dataset empty for TTFT
 */
public record Cell(
    ComparedMeasure measure,
    String arm,
    Optional<Integer> length,
    Optional<Integer> chunkTokens,
    Optional<String> dataset) {

  static Cell ofLength(
      ComparedMeasure measure, String arm, int length, Optional<Integer> chunkTokens) {
    return new Cell(measure, arm, Optional.of(length), chunkTokens, Optional.empty());
  }

  static Cell ofDataset(String arm, String dataset, Optional<Integer> chunkTokens) {
    return new Cell(
        ComparedMeasure.QUALITY, arm, Optional.empty(), chunkTokens, Optional.of(dataset));
  }

  /** In words, such as {@code ttft of cacheblend at 4096}: the way conditions name it. */
  public String words() {
    return measure.label()
        + " of "
        + arm
        + length.map(l -> " at " + l).orElse("")
        + chunkTokens.map(tokens -> " in chunks of " + tokens).orElse("")
        + dataset.map(d -> " on " + d).orElse("");
  }
}
