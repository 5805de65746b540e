package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

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

  /**
   * Recomputes some of the cached rows.
   *
   * @param raisesRatio whether the worker may raise the ratio of the selector while it loads chunks
   */
  record CacheBlend(Selector selector, boolean raisesRatio) implements Arm {
    public CacheBlend {
      Objects.requireNonNull(selector, "selector");
      require(
          !raisesRatio || selector.ratio().isPresent(),
          "ratio is auto, but the selector has no single ratio; use one check layer, or no :k");
    }

    public CacheBlend(Selector selector) {
      this(selector, false);
    }

    /** The arm with this ratio, which is not raised. */
    public CacheBlend withRatio(double ratio) {
      return new CacheBlend(selector.withRatio(ratio));
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
