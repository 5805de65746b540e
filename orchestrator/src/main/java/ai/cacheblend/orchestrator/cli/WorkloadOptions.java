package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.Popularity;
import picocli.CommandLine.Option;

/** The prompts of a load run. */
final class WorkloadOptions {
  @Option(
      names = "--pool-chunks",
      paramLabel = "N",
      defaultValue = "" + Defaults.POOL_CHUNKS,
      description = "Chunks that requests are made of (default: ${DEFAULT-VALUE}).")
  private int poolChunks;

  @Option(
      names = "--popularity",
      paramLabel = "uniform|zipf:S",
      defaultValue = Defaults.POPULARITY,
      description =
          "How often each chunk of the pool is used: equally, or the chunk of rank r in proportion"
              + " to 1 / r^S (default: ${DEFAULT-VALUE}).")
  private String popularity;

  @Option(
      names = "--chunks",
      paramLabel = "N",
      defaultValue = "" + Defaults.CHUNKS_PER_REQUEST,
      description = "Different chunks per request, in random order (default: ${DEFAULT-VALUE}).")
  private int chunks;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N",
      defaultValue = "" + Defaults.CHUNK_TOKENS,
      description = "Tokens per chunk (default: ${DEFAULT-VALUE}).")
  private int chunkTokens;

  @Option(
      names = "--suffix-tokens",
      paramLabel = "N",
      defaultValue = "" + Defaults.SUFFIX_TOKENS,
      description = "Fresh tokens at the end of each prompt (default: ${DEFAULT-VALUE}).")
  private int suffixTokens;

  int chunkTokens() {
    return chunkTokens;
  }

  /**
   * The workload.
   *
   * @param newChunks chunks that replace others with each request
   */
  LoadWorkload workload(int newChunks) {
    return new LoadWorkload.Pool(
        poolChunks, Popularity.parse(popularity), chunks, chunkTokens, suffixTokens, newChunks);
  }
}
