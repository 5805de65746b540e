package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

/** What the requests of a load run ask. */
public sealed interface LoadWorkload {

  /**
   * Prompts of chunks from a pool, in random order, behind each other, with a fresh suffix.
   *
   * @param poolChunks chunks in the pool
   * @param chunks different chunks per request
   * @param suffixTokens fresh tokens at the end of each prompt
   */
  record Pool(int poolChunks, Popularity popularity, int chunks, int chunkTokens, int suffixTokens)
      implements LoadWorkload {
    private static final int MAX_POOL = 100_000;

    public Pool {
      require(
          poolChunks >= 1 && poolChunks <= MAX_POOL,
          "pool-chunks is " + poolChunks + "; use 1 to " + MAX_POOL);
      require(
          chunks >= 1 && chunks <= poolChunks,
          "chunks is " + chunks + "; use 1 to " + poolChunks + ", the number of pool-chunks");
      require(chunkTokens >= 1, "chunk-tokens is " + chunkTokens + "; use 1 or more");
      require(suffixTokens >= 1, "suffix-tokens is " + suffixTokens + "; use 1 or more");
    }
  }
}
