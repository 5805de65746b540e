package ai.cacheblend.orchestrator.plan;

import java.util.List;
import java.util.Objects;

/** One configuration of KV reuse. */
public sealed interface Arm {

  /** Computes every row. */
  record FullPrefill() implements Arm {}

  /**
   * Reuses the KV of the longest beginning of the prompt that an earlier prompt of this arm
   * computed, in full blocks, and computes the rest: the answers of {@link FullPrefill}.
   */
  record PrefixCaching() implements Arm {}

  /** Reuses every cached row as stored. */
  record FullKvReuse() implements Arm {}

  /** Recomputes some of the cached rows. */
  record CacheBlend(Selector selector) implements Arm {
    public CacheBlend {
      Objects.requireNonNull(selector, "selector");
    }
  }

  /** Whether the arm reads stored chunks, so that they must be collected first. */
  default boolean readsChunks() {
    return this instanceof FullKvReuse || this instanceof CacheBlend;
  }

  /** Check layers that the model of the worker must support. */
  default List<Integer> checkLayers() {
    return this instanceof CacheBlend blend ? blend.selector().checkLayers() : List.of();
  }
}
