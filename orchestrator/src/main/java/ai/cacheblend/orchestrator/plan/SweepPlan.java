package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A benchmark of speed and quality of the same arms: TTFT plans per chunk size and tier, a quality
 * plan per data set.
 *
 * @param seed seed of prompts, orders of arms and permutation tests of all parts
 */
public record SweepPlan(
    List<NamedArm> arms, Speed speed, List<Data> data, long seed, List<String> workers) {

  /**
   * The prompt shapes of TTFT measurements: each chunk size with each number of chunks, or with
   * each length.
   *
   * @param chunkTokens tokens per cached chunk
   * @param chunkCounts chunks per prompt; empty if lengths are given
   * @param lengths prompt lengths in tokens, BOS included; empty if numbers of chunks are given
   * @param trials measured trials of each prompt shape
   * @param tiers where chunks are loaded from, besides the device
   */
  public record Speed(
      List<Integer> chunkTokens,
      List<Integer> chunkCounts,
      List<Integer> lengths,
      TtftPlan.Suffix suffix,
      int trials,
      WarmUp warmUp,
      int maxNewTokens,
      List<ChunkSource> tiers) {
    private static final int MAX_CACHED_TOKENS = 10_000_000;

    public Speed {
      chunkTokens = distinct("chunk-tokens", chunkTokens);
      chunkCounts = distinct("chunk-counts", chunkCounts);
      lengths = distinct("lengths", lengths);
      require(!chunkTokens.isEmpty(), "chunk-tokens is empty; give at least one, such as 512");
      require(
          chunkCounts.isEmpty() != lengths.isEmpty(),
          "chunk-counts and lengths exclude each other; give one, such as --chunk-counts 2,4,8");
      tiers = List.copyOf(tiers);
      Set<String> names = new HashSet<>();
      for (ChunkSource tier : tiers) {
        require(names.add(tier.id()), "tiers has " + tier.id() + " twice; list each once");
      }
    }

    /** Prompt lengths for chunks of {@code tokensPerChunk} tokens. */
    List<Integer> lengths(int tokensPerChunk, int bosCount) {
      return lengths.isEmpty()
          ? chunkCounts.stream().map(count -> length(count, tokensPerChunk, bosCount)).toList()
          : lengths;
    }

    /** The smallest length with {@code count} complete chunks between BOS and suffix. */
    private int length(int count, int tokensPerChunk, int bosCount) {
      require(
          (long) count * tokensPerChunk <= MAX_CACHED_TOKENS,
          "chunk-counts has "
              + count
              + ", with chunks of "
              + tokensPerChunk
              + " tokens more than "
              + MAX_CACHED_TOKENS
              + " tokens; use fewer or shorter chunks");
      int cached = count * tokensPerChunk;
      int length = cached + bosCount;
      while (length - bosCount - suffix.tokenCount(length) < cached) {
        length++;
      }
      return length;
    }
  }

  /**
   * The data of quality measurements.
   *
   * @param dataset value for {@code --dataset}: a name, or the path of a file
   * @param samples upper limit
   * @param prompt construction of prompts; empty: the template of the data set
   * @param maxPromptCharacters documents are omitted from the middle of longer prompts
   * @param retrieval choice of the chunks; empty: all chunks
   * @param maxNewTokens maximum answer length in tokens; empty: that of the template
   * @param margin largest acceptable loss of mean headline score
   * @param datasetSha256 checksum of the data file; empty: not checked
   * @param promptsSha256 checksum of its prompts; empty: not checked
   */
  public record Data(
      String dataset,
      int samples,
      Optional<PromptTemplate> prompt,
      OptionalInt maxPromptCharacters,
      Optional<Retrieval> retrieval,
      OptionalInt maxNewTokens,
      double margin,
      Optional<String> datasetSha256,
      Optional<String> promptsSha256) {
    public Data {
      require(!dataset.isBlank(), "dataset is empty; give a name or a file");
      QualityPlan.requireSamples(samples);
      QualityPlan.requirePromptCharacters(maxPromptCharacters);
      QualityPlan.requireRetrieval(retrieval, maxPromptCharacters);
      QualityPlan.requireMargin(margin);
    }

    /** A data set with default template and without checksums. */
    public static Data of(String dataset, int samples, double margin) {
      return new Data(
          dataset,
          samples,
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          margin,
          Optional.empty(),
          Optional.empty());
    }
  }

  public SweepPlan {
    arms = NamedArm.distinct(arms);
    data = List.copyOf(data);
    workers = List.copyOf(workers);
    for (String end : List.of("full_prefill", "full_kv_reuse")) {
      require(
          arms.stream().anyMatch(arm -> arm.name().equals(end)),
          "arms has no " + end + ", a reference of the sweep; add it");
    }
    require(!data.isEmpty(), "quality is empty; name at least one data set");
    Set<String> names = new HashSet<>();
    for (Data of : data) {
      require(names.add(of.dataset), "quality has dataset " + of.dataset + " twice; name it once");
    }
    require(!workers.isEmpty(), "workers is empty; name at least one");
  }

  /**
   * The TTFT plans: for each chunk size, one of all arms with chunks on the device, then one per
   * tier of the arms that read chunks. All plans of a chunk size have the same prompts.
   *
   * @param bosCount BOS tokens at the start of every prompt, 0 or 1
   */
  public List<TtftPlan> ttft(int bosCount) {
    List<NamedArm> reading = arms.stream().filter(arm -> arm.arm().readsChunks()).toList();
    List<TtftPlan> plans = new ArrayList<>();
    for (int tokens : speed.chunkTokens) {
      plans.add(ttft(tokens, arms, Optional.empty(), bosCount));
      for (ChunkSource tier : speed.tiers) {
        plans.add(ttft(tokens, reading, Optional.of(tier), bosCount));
      }
    }
    return plans;
  }

  private TtftPlan ttft(
      int tokens, List<NamedArm> measured, Optional<ChunkSource> source, int bosCount) {
    return new TtftPlan(
        speed.lengths(tokens, bosCount),
        speed.trials,
        speed.warmUp,
        tokens,
        speed.suffix,
        measured,
        source,
        speed.maxNewTokens,
        seed,
        workers);
  }

  /** A copy with other data. */
  public SweepPlan with(List<Data> known) {
    return new SweepPlan(arms, speed, known, seed, workers);
  }

  private static List<Integer> distinct(String name, List<Integer> values) {
    Set<Integer> seen = new HashSet<>();
    for (int value : values) {
      require(value >= 1, name + " has " + value + "; use 1 or more");
      require(seen.add(value), name + " has " + value + " twice; list each once");
    }
    return List.copyOf(values);
  }

  /** The distinct selectors of all arms with a single ratio, with the default ratio. */
  public List<Selector> selectors() {
    return withRatio()
        .map(selector -> selector.withRatio(Defaults.RECOMPUTE_RATIO))
        .distinct()
        .toList();
  }

  /** The distinct ratios of all arms with a single ratio, ascending. */
  public List<Double> ratios() {
    return withRatio().map(selector -> selector.ratio().getAsDouble()).distinct().sorted().toList();
  }

  private Stream<Selector> withRatio() {
    return arms.stream()
        .map(NamedArm::arm)
        .flatMap(arm -> arm instanceof Arm.CacheBlend blend ? Stream.of(blend.selector()) : null)
        .filter(selector -> selector.ratio().isPresent());
  }
}
