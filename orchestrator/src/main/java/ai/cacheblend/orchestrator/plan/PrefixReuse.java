package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

/**
 * What {@code prefix_caching} finds of a prompt on the worker.
 *
 * @param blockTokenCount tokens of a KV block: only full blocks are reused
 * @param sharedTokenCount tokens at the beginning of the prompt that an earlier prompt has, too
 */
public record PrefixReuse(int blockTokenCount, int sharedTokenCount) {
  public PrefixReuse {
    require(
        blockTokenCount >= 1 && sharedTokenCount >= 0,
        "blockTokenCount is "
            + blockTokenCount
            + " and sharedTokenCount "
            + sharedTokenCount
            + "; use 1 and 0 or more");
  }

  /** After no other prompt. */
  static final PrefixReuse NONE = new PrefixReuse(1, 0);

  /** Rows that are reused of a prompt. The last row is always computed. */
  int rows(int promptTokenCount) {
    int shared = Math.min(sharedTokenCount, promptTokenCount - 1);
    return shared - shared % blockTokenCount;
  }
}
