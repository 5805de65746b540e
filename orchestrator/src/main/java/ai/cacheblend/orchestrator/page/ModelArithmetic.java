package ai.cacheblend.orchestrator.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Multiplications of the matrix products of a model, from its dimensions.
 *
 * @param queryWidth query heads x head size
 * @param kvWidth KV heads x head size
 * @param window keys that a row attends to at most; 0: all
 */
record ModelArithmetic(
    int layers, long hidden, long intermediate, long queryWidth, long kvWidth, int window) {

  /** Empty if the record of the worker lacks a dimension, as records of earlier versions do. */
  static Optional<ModelArithmetic> of(JsonNode environment) {
    JsonNode model = environment.at("/workers/0/model");
    long headSize = model.path("head_size").asLong();
    ModelArithmetic arithmetic =
        new ModelArithmetic(
            model.path("layer_count").asInt(),
            model.path("hidden_size").asLong(),
            model.path("intermediate_size").asLong(),
            model.path("query_head_count").asLong() * headSize,
            model.path("kv_head_count").asLong() * headSize,
            model.path("sliding_window_tokens").asInt());
    return arithmetic.layers > 0
            && arithmetic.hidden > 0
            && arithmetic.intermediate > 0
            && arithmetic.queryWidth > 0
            && arithmetic.kvWidth > 0
        ? Optional.of(arithmetic)
        : Optional.empty();
  }

  /** Key and value projections of {@code rows}. */
  double kv(double rows) {
    return rows * 2 * hidden * kvWidth;
  }

  /** The layer's other products of {@code rows}, without attention: query, output, feed-forward. */
  double projections(double rows) {
    return rows * (2 * hidden * queryWidth + 3 * hidden * intermediate);
  }

  /**
   * Attention of {@code rows} rows that are spread evenly over the positions {@code [from, to)}.
   */
  double attention(double rows, int from, int to) {
    return to > from ? rows * 2 * queryWidth * (keys(to) - keys(from)) / (to - from) : 0;
  }

  /** Keys that the rows at positions below {@code end} attend to, their own included, together. */
  private double keys(int end) {
    double full = window > 0 ? Math.min(end, window) : end;
    return full * (full + 1) / 2 + (end - full) * full;
  }
}
