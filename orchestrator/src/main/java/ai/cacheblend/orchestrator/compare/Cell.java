package ai.cacheblend.orchestrator.compare;

import java.util.Optional;

/**
 * Where a value was measured.
 *
 * @param length prompt tokens; empty for quality
 * @param dataset empty for TTFT
 */
public record Cell(
    Measure measure, String arm, Optional<Integer> length, Optional<String> dataset) {

  static Cell ofLength(Measure measure, String arm, int length) {
    return new Cell(measure, arm, Optional.of(length), Optional.empty());
  }

  static Cell ofDataset(String arm, String dataset) {
    return new Cell(Measure.QUALITY, arm, Optional.empty(), Optional.of(dataset));
  }

  /** In words, such as {@code ttft of cacheblend at 4096}: the way conditions name it. */
  public String words() {
    return measure.label()
        + " of "
        + arm
        + length.map(l -> " at " + l).orElse("")
        + dataset.map(d -> " on " + d).orElse("");
  }
}
