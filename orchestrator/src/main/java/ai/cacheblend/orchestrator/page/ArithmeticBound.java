package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.records.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Upper bound of an arm's speed-up from the amount of computation: rows times layers of full
 * prefill divided by those of the arm. The last layer is excluded, because only its last row has a
 * query. Attention is not counted; in long prompts it lowers the bound, because the recomputed rows
 * are more often late ones.
 */
final class ArithmeticBound {
  private ArithmeticBound() {}

  /**
   * Empty for full prefill, if there are no rows, and if the number of layers is unknown.
   *
   * @param promptRows all rows
   * @param cachedRows rows with stored KV
   * @param activeRows rows that are computed in all layers
   */
  static Optional<Double> of(
      Result run, String arm, int promptRows, int cachedRows, int activeRows) {
    int layers = run.header().environment().at("/workers/0/model/layer_count").asInt(0) - 1;
    JsonNode plan = plan(run, arm);
    if (layers < 1 || plan.path("method").asText("full_prefill").equals("full_prefill")) {
      return Optional.empty();
    }
    Map<Integer, Double> steps = steps(plan);
    double work = 0;
    for (int layer = 0; layer < layers; layer++) {
      work += rows(steps, layer, promptRows, cachedRows, activeRows);
    }
    return work > 0 ? Optional.of((double) layers * promptRows / work) : Optional.empty();
  }

  private static JsonNode plan(Result run, String arm) {
    for (JsonNode planned : run.header().plan().path("arms")) {
      if (planned.path("name").asText().equals(arm)) {
        return planned;
      }
    }
    return MissingNode.getInstance();
  }

  /** Share of the cached rows that stays active after a check layer, by layer. */
  private static Map<Integer, Double> steps(JsonNode plan) {
    Map<Integer, Double> steps = new TreeMap<>();
    plan.path("schedule")
        .properties()
        .forEach(step -> steps.put(Integer.parseInt(step.getKey()), step.getValue().asDouble()));
    return steps;
  }

  /** Rows that a layer computes. A check layer selects rows before it computes queries. */
  private static double rows(
      Map<Integer, Double> steps, int layer, int promptRows, int cachedRows, int activeRows) {
    double rows = steps.isEmpty() ? activeRows : promptRows;
    int reached = 0;
    for (Map.Entry<Integer, Double> step : steps.entrySet()) {
      if (layer >= step.getKey()) {
        reached++;
        rows =
            reached == steps.size()
                ? activeRows
                : cachedRows * step.getValue() + promptRows - cachedRows;
      }
    }
    return rows;
  }
}
