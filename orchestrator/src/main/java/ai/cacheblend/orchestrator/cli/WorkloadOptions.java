package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.Popularity;
import ai.cacheblend.orchestrator.plan.TraceFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** The prompts of a load run. */
final class WorkloadOptions {
  @Option(
      names = "--pool-chunks",
      paramLabel = "N",
      description = "Chunks that requests are made of (default: " + Defaults.POOL_CHUNKS + ").")
  private Integer poolChunks;

  @Option(
      names = "--popularity",
      paramLabel = "uniform|zipf:S",
      description =
          "How often each chunk of the pool is used: equally, or the chunk of rank r in proportion"
              + " to 1 / r^S (default: "
              + Defaults.POPULARITY
              + ").")
  private String popularity;

  @Option(
      names = "--chunks",
      paramLabel = "N",
      description =
          "Different chunks per request, in random order (default: "
              + Defaults.CHUNKS_PER_REQUEST
              + ").")
  private Integer chunks;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N",
      description =
          "Tokens per chunk (default: "
              + Defaults.CHUNK_TOKENS
              + "). With --dataset longer documents are cut (default: they are not).")
  private Integer chunkTokens;

  @Option(
      names = "--suffix-tokens",
      paramLabel = "N",
      description =
          "Fresh tokens at the end of each prompt (default: " + Defaults.SUFFIX_TOKENS + ").")
  private Integer suffixTokens;

  @Option(
      names = "--dataset",
      paramLabel = "NAME|FILE",
      description =
          "Prompts of a data set, with its template, in place of those of a pool: all of them in"
              + " random order, again and again. Its documents are the chunks. Takes what quality"
              + " --dataset does; a configuration and split follow the name, as in"
              + " NAME:CONFIG@SPLIT.")
  private String dataset;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "Prompts of --dataset, drawn from the whole data set (default: at most "
              + Defaults.SAMPLES
              + ").")
  private Integer samples;

  /** The workload of a pool. */
  LoadWorkload pool(boolean drifts) {
    require(samples == null, "--samples is of --dataset; leave it out");
    return new LoadWorkload.Pool(
        poolChunks == null ? Defaults.POOL_CHUNKS : poolChunks,
        Popularity.parse(popularity == null ? Defaults.POPULARITY : popularity),
        chunks == null ? Defaults.CHUNKS_PER_REQUEST : chunks,
        chunkTokens == null ? Defaults.CHUNK_TOKENS : chunkTokens,
        suffixTokens == null ? Defaults.SUFFIX_TOKENS : suffixTokens,
        drifts ? 1 : 0);
  }

  /** Refuses options that do not apply to a trace. */
  void requireTrace() {
    requireNoPool("--trace");
    require(dataset == null, "--trace and --dataset exclude each other; give one of them");
    require(samples == null, "--samples is of --dataset; leave it out");
  }

  LoadWorkload trace(TraceFile file) {
    return new LoadWorkload.Trace(file, chunkTokens == null ? Defaults.CHUNK_TOKENS : chunkTokens);
  }

  boolean hasDataset() {
    return dataset != null;
  }

  /** Loads the data set of {@link #hasDataset}. */
  QualityTask data(long seed, Console console) {
    requireNoPool("--dataset");
    return PlannedLoad.load(dataset, samples == null ? Defaults.SAMPLES : samples, seed, console);
  }

  LoadWorkload of(QualityTask task) {
    return PlannedLoad.workload(
        task, chunkTokens == null ? OptionalInt.empty() : OptionalInt.of(chunkTokens));
  }

  private void requireNoPool(String other) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("--pool-chunks", poolChunks);
    options.put("--popularity", popularity);
    options.put("--chunks", chunks);
    options.put("--suffix-tokens", suffixTokens);
    options.values().removeIf(Objects::isNull);
    require(
        options.isEmpty(),
        String.join(", ", options.keySet())
            + (options.size() == 1 ? " does" : " do")
            + " not apply to "
            + other
            + "; leave "
            + (options.size() == 1 ? "it" : "them")
            + " out");
  }
}
