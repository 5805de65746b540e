package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * Speed and quality of every arm, for each prompt shape and data set.
 *
 * @param points by data set, chunk size, length and arm; without the prompt shapes and data sets
 *     that have no valid block
 * @param tiers TTFT with chunks from each tier and from the device, by shape, tier and arm; empty
 *     if the sweep has no tiers
 * @param rankings of the selectors, by data set and chunk size
 * @param recommendation empty if there is no point, and in older records
 * @param complete whether no point is missing
 */
public record SweepSummary(
    List<Point> points,
    List<TierPoint> tiers,
    List<SelectorRanking> rankings,
    Optional<Recommendation> recommendation,
    boolean complete) {

  /**
   * Shape of the prompts that speed was measured with.
   *
   * @param chunkCount chunks of a prompt; the last one may be shorter
   */
  public record Shape(int chunkTokens, int chunkCount, int length) {
    void write(ObjectNode json) {
      json.put("chunk_tokens", chunkTokens);
      json.put("chunks", chunkCount);
      json.put("length", length);
    }

    static Shape read(JsonValue json) {
      return new Shape(
          json.integer("chunk_tokens"), json.integer("chunks"), json.integer("length"));
    }
  }

  /**
   * One arm with one prompt shape and data set.
   *
   * @param chargedBudget mean over the samples of the data set; NaN in older records
   * @param ttftChargedBudget mean over the trials of the shape, likewise
   * @param clientTtft in seconds
   * @param speedUp empty for full prefill
   * @param score of the headline metric
   * @param armMinusFullPrefill empty for full prefill
   * @param retention empty for full prefill, and in older records
   * @param onFrontier whether no other arm is at least as good in mean speed-up and mean score and
   *     better in one
   * @param resolved whether that holds beyond the paired 95 % intervals
   */
  public record Point(
      String arm,
      Shape shape,
      String dataset,
      String metric,
      double chargedBudget,
      double ttftChargedBudget,
      Statistics clientTtft,
      Optional<SpeedUpStatistics> speedUp,
      Statistics score,
      Optional<ScoreDifference> armMinusFullPrefill,
      Optional<Retention> retention,
      boolean onFrontier,
      boolean resolved) {}

  public SweepSummary {
    points = List.copyOf(points);
    tiers = List.copyOf(tiers);
    rankings = List.copyOf(rankings);
  }
}
