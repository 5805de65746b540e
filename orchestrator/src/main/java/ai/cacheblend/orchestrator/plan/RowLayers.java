package ai.cacheblend.orchestrator.plan;

import java.util.List;

/**
 * Work of an arm on one prompt: rows with fresh KV, summed over the layers of the model. Forced
 * rows are not counted, because every arm computes them.
 *
 * @param recomputed cached rows; check layers, and the layers before them, compute more rows than
 *     stay active
 * @param probed rows of the probe of a selector that uses attention, up to its last layer
 */
public record RowLayers(long recomputed, long probed) {
  static final RowLayers NONE = new RowLayers(0, 0);

  /** This many cached rows in every layer. */
  static RowLayers everywhere(int rows, int layerCount) {
    return new RowLayers((long) rows * layerCount, 0);
  }

  /** All eligible rows up to the first check layer, then the rows that its steps keep. */
  static RowLayers checked(List<CheckStep> schedule, int eligible, int layerCount) {
    long recomputed = 0;
    int active = eligible;
    int layer = 0;
    for (CheckStep step : schedule) {
      recomputed += (long) active * (step.layer() + 1 - layer);
      layer = step.layer() + 1;
      active = Math.min(active, Shares.rowsOf(step.share(), eligible));
    }
    return new RowLayers(recomputed + (long) active * (layerCount - layer), 0);
  }

  /**
   * With a probe of the forced rows before. A prompt without eligible rows is not probed.
   *
   * @param layers layers whose attention counts, ascending; empty for all. The probe ends in the
   *     last one
   */
  RowLayers afterProbe(PromptShape shape, List<Integer> layers, int layerCount) {
    int eligible = shape.eligibleRowCount();
    int probedLayers = layers.isEmpty() ? layerCount : layers.get(layers.size() - 1) + 1;
    return eligible == 0
        ? this
        : new RowLayers(recomputed, (long) (shape.promptTokenCount() - eligible) * probedLayers);
  }
}
