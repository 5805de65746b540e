package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Origin of the KV of the rows of a prompt.
 *
 * @param recomputedRowLayers cached rows with fresh KV, summed over layers
 * @param probedRowLayers rows of the probe, summed over layers
 */
public record RowCounts(
    int prompt,
    int reused,
    int recomputed,
    int computed,
    long recomputedRowLayers,
    long probedRowLayers) {
  public RowCounts {
    checkArgument(
        reused + recomputed + computed == prompt && reused >= 0 && recomputed >= 0,
        "%s reused, %s recomputed and %s computed rows do not add up to %s",
        reused,
        recomputed,
        computed,
        prompt);
  }
}
