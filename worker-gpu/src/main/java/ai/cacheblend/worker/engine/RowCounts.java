package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

/** Origin of the KV of the rows of a prompt. */
public record RowCounts(int prompt, int reused, int recomputed, int computed) {
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
