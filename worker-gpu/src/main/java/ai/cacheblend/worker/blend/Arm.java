package ai.cacheblend.worker.blend;

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

  /** Recomputes the cached rows that the selector selects. */
  record CacheBlend(Selector selector) implements Arm {
    public CacheBlend {
      requireNonNull(selector, "selector is null");
    }
  }

  /** Whether the arm injects stored chunks. */
  default boolean readsChunks() {
    return this instanceof FullKvReuse || this instanceof CacheBlend;
  }
}
