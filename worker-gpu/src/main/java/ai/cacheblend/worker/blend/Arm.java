package ai.cacheblend.worker.blend;

import static java.util.Objects.requireNonNull;

/** One way to compute the KV of a prompt. */
public sealed interface Arm {
  /** Computes every row and reads no stored chunk. */
  record FullPrefill() implements Arm {}

  /** Injects the stored KV of every cached row. */
  record FullKvReuse() implements Arm {}

  /** Recomputes the cached rows that the selector selects. */
  record CacheBlend(Selector selector) implements Arm {
    public CacheBlend {
      requireNonNull(selector, "selector is null");
    }
  }

  default boolean readsChunks() {
    return !(this instanceof FullPrefill);
  }
}
