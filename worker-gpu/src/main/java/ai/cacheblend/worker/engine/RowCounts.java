package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

/** How the rows of a prompt got their KV. */
public record RowCounts(int prompt, int reused, int recomputed, int computed) {
  public RowCounts {
    checkArgument(
        reused + recomputed + computed == prompt && reused >= 0 && recomputed >= 0,
        "%s reused, %s recomputed and %s computed rows are not the prompt's %s",
        reused,
        recomputed,
        computed,
        prompt);
  }
}
