package ai.cacheblend.orchestrator.plan;

import java.util.Objects;

/**
 * Rows of a prompt by the source of their KV.
 *
 * @param promptTokenCount all rows
 * @param reusedTokenCount reused from stored chunks, or from an earlier prompt, unchanged
 * @param recomputedTokenCount cached rows that were recomputed within the arm's budget
 * @param computedTokenCount forced rows: no KV to reuse, or the last row; every row of a full
 *     prefill
 * @param layers the work of the arm
 */
public record RowCounts(
    int promptTokenCount,
    int reusedTokenCount,
    int recomputedTokenCount,
    int computedTokenCount,
    RowLayers layers) {
  public RowCounts {
    Objects.requireNonNull(layers, "layers");
  }

  /**
   * The expected counts of {@code arm} for a prompt of this shape, where {@code prefix_caching}
   * finds nothing.
   */
  public static RowCounts expected(Arm arm, PromptShape shape, int layerCount) {
    return expected(arm, shape, layerCount, PrefixReuse.NONE);
  }

  /**
   * The expected counts of {@code arm} for a prompt of this shape.
   *
   * @param prefix what {@code prefix_caching} finds; other arms do not depend on it
   */
  public static RowCounts expected(Arm arm, PromptShape shape, int layerCount, PrefixReuse prefix) {
    int prompt = shape.promptTokenCount();
    if (arm instanceof Arm.FullPrefill) {
      return new RowCounts(prompt, 0, 0, prompt, RowLayers.NONE);
    }
    if (arm instanceof Arm.PrefixCaching) {
      int reused = prefix.rows(prompt);
      return new RowCounts(prompt, reused, 0, prompt - reused, RowLayers.NONE);
    }
    int eligible = shape.eligibleRowCount();
    if (arm instanceof Arm.CacheBlend blend) {
      int recomputed = blend.selector().recomputedRowCount(shape);
      return new RowCounts(
          prompt,
          eligible - recomputed,
          recomputed,
          prompt - eligible,
          blend.selector().rowLayers(shape, layerCount));
    }
    return new RowCounts(prompt, eligible, 0, prompt - eligible, RowLayers.NONE);
  }

  /**
   * The charged budget: cached rows with fresh KV and rows of the probe, summed over layers, as a
   * share of the eligible rows in all layers. It is the cost of an arm beside its nominal ratio; 1
   * where every row is computed.
   */
  public double chargedBudget(int layerCount) {
    return chargedBudget(layerCount, 0);
  }

  /**
   * The same with cached rows among those computed.
   *
   * @param insteadCount eligible rows that the worker computed in every layer instead of loading
   *     their KV
   */
  public double chargedBudget(int layerCount, int insteadCount) {
    long eligible = (long) reusedTokenCount + recomputedTokenCount + insteadCount;
    long charged = layers.recomputed() + layers.probed() + (long) insteadCount * layerCount;
    return eligible == 0 ? 1 : charged / (double) (eligible * layerCount);
  }
}
