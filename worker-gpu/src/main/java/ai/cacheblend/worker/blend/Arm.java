package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/** One way to compute the KV of a prompt. */
public sealed interface Arm {
  /** Computes every row and reads no stored chunk. */
  record FullPrefill() implements Arm {}

  /**
   * Reuses the blocks of the longest beginning of the prompt that an earlier prompt computed, and
   * computes the rest: the same KV as {@link FullPrefill}.
   */
  record PrefixCaching() implements Arm {}

  /** Injects the stored KV of every cached row. */
  record FullKvReuse() implements Arm {}

  /**
   * Recomputes the cached rows that the selector selects.
   *
   * @param raisesRatio whether the ratio of the selector is the least one: a larger share is
   *     recomputed while chunks are loaded, where that adds little to the TTFT
   */
  record CacheBlend(Selector selector, boolean raisesRatio) implements Arm {
    public CacheBlend {
      requireNonNull(selector, "selector is null");
      checkArgument(
          !raisesRatio || selector.ratio().isPresent(),
          "raise_ratio is set, but the selector has no single ratio; use one check layer, or a"
              + " recompute_ratio");
    }

    public CacheBlend(Selector selector) {
      this(selector, false);
    }

    /** With this ratio of the selector. */
    public CacheBlend withRatio(double ratio) {
      return new CacheBlend(selector.withRatio(ratio), raisesRatio);
    }
  }

  /** Whether the arm injects stored chunks. */
  default boolean readsChunks() {
    return this instanceof FullKvReuse || this instanceof CacheBlend;
  }
}
