package ai.cacheblend.orchestrator.client;

import java.util.List;

/** Deviation of the cached rows that were active before a check layer, by position. */
public record LayerScores(int layer, List<RowScore> rows) {

  /** One row. */
  public record RowScore(int position, double score) {}

  public LayerScores {
    rows = List.copyOf(rows);
  }
}
