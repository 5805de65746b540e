package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.LayerWork;
import ai.cacheblend.worker.blend.PromptLayout;
import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.forecast.Prediction;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a prompt loads and computes, for the prediction of its TTFT, which is made when the first
 * token is known: the token does not wait for it.
 */
final class PromptForecast {
  private final Resources resources;
  private final LoadChoice choice;
  private final OptionalDouble ratio;
  private final PromptLayout layout;
  private final RowPlan plan;
  private final double loadSeconds;
  private Optional<Prediction> prediction = Optional.empty();

  /**
   * @param ratio that is used, for arms that raise it
   * @param loadSeconds predicted before the load, which changes the rates
   */
  PromptForecast(
      Resources resources,
      LoadChoice choice,
      OptionalDouble ratio,
      PromptLayout layout,
      RowPlan plan,
      double loadSeconds) {
    this.resources = resources;
    this.choice = choice;
    this.ratio = ratio;
    this.layout = layout;
    this.plan = plan;
    this.loadSeconds = loadSeconds;
  }

  /** What the prefill computes. */
  List<LayerWork> work() {
    return resources
        .planner()
        .layerWork(plan.eligibleRowCount() == 0 ? layout.withoutChunks() : layout, plan);
  }

  /** Predicts the TTFT. Before its measurement is learned from. */
  void predict(List<LayerWork> work) {
    prediction = resources.controller().predict(work, loadSeconds);
  }

  LoadReport report(long loadNanos) {
    return new LoadReport(choice.recomputedSegments(), ratio, prediction, loadNanos);
  }
}
