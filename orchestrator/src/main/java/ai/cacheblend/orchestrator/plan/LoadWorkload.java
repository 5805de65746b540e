package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.OptionalInt;
import java.util.OptionalLong;

/** What the requests of a load run ask. */
public sealed interface LoadWorkload {

  /** Whether the chunks of the requests change in the course of a slice. */
  default boolean drifts() {
    return this instanceof Pool pool && pool.newChunks() > 0;
  }

  /** The maximum of tokens of a prompt without BOS and its answer; empty if prompts are fitted. */
  OptionalLong maxTokens(int maxNewTokens);

  /**
   * The prompts of a data set, in random order. Documents of prompts that are too long are omitted.
   *
   * @param dataset name of the data set in results
   * @param source value for {@code --dataset}: a name, or the absolute path of a file
   * @param datasetSha256 checksum of the data file
   * @param promptsSha256 checksum of the prompts and their references
   * @param samples number of prompts
   * @param chunkTokens maximum chunk length; empty: one chunk per document
   */
  record Dataset(
      String dataset,
      String source,
      String datasetSha256,
      String promptsSha256,
      int samples,
      OptionalInt chunkTokens)
      implements LoadWorkload {
    public Dataset {
      require(samples >= 1, "samples is " + samples + "; use 1 or more");
      chunkTokens.ifPresent(
          tokens -> require(tokens >= 1, "chunk-tokens is " + tokens + "; use 1 or more"));
    }

    @Override
    public OptionalLong maxTokens(int maxNewTokens) {
      return OptionalLong.empty();
    }
  }

  /**
   * The prompts of a trace.
   *
   * @param chunkTokens tokens of a block
   */
  record Trace(TraceFile file, int chunkTokens) implements LoadWorkload {
    public Trace {
      require(chunkTokens >= 1, "chunk-tokens is " + chunkTokens + "; use 1 or more");
    }

    /** Tokens of the last block of a prompt, scaled to the chunk size; at least 1. */
    public int lastBlockTokens(TraceFile.Request request) {
      int last = request.inputTokens() - (request.hashIds().length() - 1) * TraceFile.BLOCK_TOKENS;
      return (int) Math.max(1, Math.round((double) last * chunkTokens / TraceFile.BLOCK_TOKENS));
    }

    @Override
    public OptionalLong maxTokens(int maxNewTokens) {
      return file.requests().stream()
          .mapToLong(
              request ->
                  (request.hashIds().length() - 1L) * chunkTokens
                      + lastBlockTokens(request)
                      + Math.min(maxNewTokens, request.outputTokens()))
          .max();
    }
  }

  /**
   * Prompts of chunks from a pool, in random order, behind each other, with a fresh suffix.
   *
   * @param poolChunks chunks in the pool
   * @param chunks different chunks per request
   * @param suffixTokens fresh tokens at the end of each prompt
   * @param newChunks chunks that enter the pool with each request, as the most popular ones, in
   *     place of the oldest; 0: the pool does not change
   */
  record Pool(
      int poolChunks,
      Popularity popularity,
      int chunks,
      int chunkTokens,
      int suffixTokens,
      int newChunks)
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
      require(
          newChunks >= 0 && newChunks <= poolChunks,
          "new-chunks-per-request is " + newChunks + "; use 0 to " + poolChunks);
      require(suffixTokens >= 1, "suffix-tokens is " + suffixTokens + "; use 1 or more");
    }

    @Override
    public OptionalLong maxTokens(int maxNewTokens) {
      return OptionalLong.of((long) chunks * chunkTokens + suffixTokens + maxNewTokens);
    }
  }
}
