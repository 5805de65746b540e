package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A benchmark of the time to first token.
 *
 * @param lengths prompt lengths in tokens, BOS included
 * @param trials measured trials per length
 * @param warmUp unmeasured trials per length and worker, run before the measured ones
 * @param chunkTokens tokens per cached chunk; the last chunk of a prompt may be shorter
 * @param suffix length of the suffix of each prompt, which is not cached
 * @param source tier below the device that chunks come from; empty: the device
 * @param maxNewTokens tokens to generate; end-of-sequence tokens do not end an answer
 * @param seed seed of the prompts and the order of arms in each block
 */
public record TtftPlan(
    List<Integer> lengths,
    int trials,
    WarmUp warmUp,
    int chunkTokens,
    Suffix suffix,
    List<NamedArm> arms,
    Optional<ChunkSource> source,
    int maxNewTokens,
    long seed,
    List<String> workers) {

  /** Length of the suffix of each prompt: in tokens, or as a share of the prompt. */
  public record Suffix(Optional<Integer> tokens, Optional<Double> fraction) {
    public Suffix {
      require(
          tokens.isPresent() != fraction.isPresent(),
          "suffix-tokens and suffix-fraction exclude each other; give one");
      tokens.ifPresent(t -> require(t >= 1, "suffix-tokens is " + t + "; use 1 or more"));
      fraction.ifPresent(
          f ->
              require(
                  f > 0 && f < 1, "suffix-fraction is " + f + "; use more than 0, less than 1"));
    }

    public static Suffix ofTokens(int tokens) {
      return new Suffix(Optional.of(tokens), Optional.empty());
    }

    public static Suffix ofFraction(double fraction) {
      return new Suffix(Optional.empty(), Optional.of(fraction));
    }

    public int tokenCount(int length) {
      return tokens.orElseGet(() -> Math.max(1, (int) Math.round(fraction.orElseThrow() * length)));
    }
  }

  public TtftPlan {
    lengths = List.copyOf(lengths);
    arms = NamedArm.distinct(arms);
    workers = List.copyOf(workers);
    require(!lengths.isEmpty(), "lengths is empty; give at least one, such as 512");
    Set<Integer> seen = new HashSet<>();
    for (int length : lengths) {
      int suffixTokens = suffix.tokenCount(length);
      require(
          length > suffixTokens + 1,
          "lengths has "
              + length
              + ", which leaves no tokens for chunks with a suffix of "
              + suffixTokens
              + " tokens and BOS; use "
              + (suffixTokens + 2)
              + " or more");
      require(seen.add(length), "lengths has " + length + " twice; list each length once");
    }
    require(trials >= 1, "trials is " + trials + "; use 1 or more");
    require(chunkTokens >= 1, "chunk-tokens is " + chunkTokens + "; use 1 or more");
    require(maxNewTokens >= 1, "max-new-tokens is " + maxNewTokens + "; use 1 or more");
    require(!workers.isEmpty(), "workers is empty; name at least one");
  }

  /** With chunks on the device. */
  public TtftPlan(
      List<Integer> lengths,
      int trials,
      WarmUp warmUp,
      int chunkTokens,
      Suffix suffix,
      List<NamedArm> arms,
      int maxNewTokens,
      long seed,
      List<String> workers) {
    this(
        lengths,
        trials,
        warmUp,
        chunkTokens,
        suffix,
        arms,
        Optional.empty(),
        maxNewTokens,
        seed,
        workers);
  }

  /** Index of a trial's block over all lengths, from 0. */
  public int block(int length, int trial) {
    return lengths.indexOf(length) * trials + trial;
  }

  public int blockCount() {
    return lengths.size() * trials;
  }

  public Optional<NamedArm> baseline() {
    return NamedArm.baseline(arms);
  }

  public Optional<NamedArm> headline() {
    return NamedArm.headline(arms);
  }
}
