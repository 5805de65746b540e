package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.records.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The most that an arm can be faster by arithmetic: the multiplications of full prefill over those
 * of the arm, matrix products and attention. The output layer is excluded. In the last layer only
 * the last row has a query, so only the keys and values of that layer count. Recomputed rows are
 * assumed to be spread evenly over the rows with stored KV, and rows without to be at the end.
 */
final class ArithmeticBound {
  private final ModelArithmetic model;

  /** Share of the cached rows that is kept from a check layer on, by layer. */
  private final Map<Integer, Double> steps;

  private ArithmeticBound(ModelArithmetic model, Map<Integer, Double> steps) {
    this.model = model;
    this.steps = steps;
  }

  /**
   * Of all prompts together. Empty for full prefill, without a prompt, and if the dimensions of the
   * model are not known.
   */
  static Optional<Double> of(Result run, String arm, List<PromptRows> prompts) {
    JsonNode plan = plan(run, arm);
    Optional<ModelArithmetic> model = ModelArithmetic.of(run.header().environment());
    if (model.isEmpty() || plan.path("method").asText("full_prefill").equals("full_prefill")) {
      return Optional.empty();
    }
    ArithmeticBound bound = new ArithmeticBound(model.get(), steps(plan));
    double full = prompts.stream().mapToDouble(bound::fullPrefill).sum();
    double work = prompts.stream().mapToDouble(bound::arm).sum();
    return work > 0 ? Optional.of(full / work) : Optional.empty();
  }

  private static JsonNode plan(Result run, String arm) {
    for (JsonNode planned : run.header().plan().path("arms")) {
      if (planned.path("name").asText().equals(arm)) {
        return planned;
      }
    }
    return MissingNode.getInstance();
  }

  private static Map<Integer, Double> steps(JsonNode plan) {
    Map<Integer, Double> steps = new TreeMap<>();
    plan.path("schedule")
        .properties()
        .forEach(step -> steps.put(Integer.parseInt(step.getKey()), step.getValue().asDouble()));
    return steps;
  }

  private double fullPrefill(PromptRows rows) {
    double layer =
        model.projections(rows.prompt()) + model.attention(rows.prompt(), 0, rows.prompt());
    return model.layers() * model.kv(rows.prompt()) + (model.layers() - 1) * layer;
  }

  /** A check layer computes keys and values of all its rows, and the rest of the rows it keeps. */
  private double arm(PromptRows rows) {
    double work = 0;
    double active = steps.isEmpty() ? rows.active() : rows.prompt();
    int reached = 0;
    for (int layer = 0; layer < model.layers(); layer++) {
      work += model.kv(active);
      if (steps.containsKey(layer)) {
        reached++;
        active =
            reached == steps.size()
                ? rows.active()
                : rows.cached() * steps.get(layer) + rows.uncached();
      }
      if (layer < model.layers() - 1) {
        work += model.projections(active) + attention(rows, active);
      }
    }
    return work;
  }

  private double attention(PromptRows rows, double active) {
    double uncached = Math.min(active, rows.uncached());
    return model.attention(active - uncached, 0, rows.cached())
        + model.attention(uncached, rows.cached(), rows.prompt());
  }
}
