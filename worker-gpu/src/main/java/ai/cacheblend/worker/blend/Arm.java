package ai.cacheblend.worker.blend;

import static java.util.Objects.requireNonNull;

/** One way to answer a prompt. */
public sealed interface Arm {
  /** Computes every row and reads no stored chunk. */
  record FullPrefill() implements Arm {}

  /** Takes every cached row as it is stored. */
  record FullKvReuse() implements Arm {}

  /** Recomputes the cached rows that the selector chooses. */
  record CacheBlend(Selector selector) implements Arm {
    public CacheBlend {
      requireNonNull(selector, "selector is null");
    }
  }

  default boolean readsChunks() {
    return !(this instanceof FullPrefill);
  }
}
