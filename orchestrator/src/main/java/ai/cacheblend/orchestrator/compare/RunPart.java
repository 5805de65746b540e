package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.TtftResult;
import java.util.List;
import java.util.Optional;

/**
 * Chunk size and tier of a run, which distinguish runs of one kind.
 *
 * @param chunkTokens tokens per chunk of a TTFT run; empty if there is one chunk size
 * @param tier name of the place of the chunks; empty if each side has one
 */
record RunPart(Optional<Integer> chunkTokens, Optional<String> tier) {
  /** Chunk sizes and tiers that a comparison names. */
  record Names(boolean sizes, boolean ttftTiers, boolean qualityTiers) {
    static Names of(List<Result> a, List<Result> b) {
      return new Names(
          severalSizes(a) || severalSizes(b),
          severalTiers(a, TtftResult.class) || severalTiers(b, TtftResult.class),
          severalTiers(a, QualityResult.class) || severalTiers(b, QualityResult.class));
    }

    private static boolean severalSizes(List<Result> runs) {
      return runs.stream().anyMatch(SweepResult.class::isInstance)
          || runs.stream().filter(TtftResult.class::isInstance).count() > 1;
    }

    private static boolean severalTiers(List<Result> runs, Class<? extends Result> kind) {
      return runs.stream()
              .filter(kind::isInstance)
              .map(run -> RunPart.of(run).tier)
              .distinct()
              .count()
          > 1;
    }

    RunPart part(Result run) {
      boolean tiers = run instanceof QualityResult ? qualityTiers : ttftTiers;
      RunPart part = RunPart.of(run);
      return new RunPart(part.chunkTokens.filter(size -> sizes), part.tier.filter(place -> tiers));
    }
  }

  /** With both. */
  static RunPart of(Result run) {
    return new RunPart(
        Optional.of(run.header().plan().path("chunk_tokens").asInt()),
        Optional.of(run.header().place()));
  }

  /** Whether a cell names nothing else. */
  boolean covers(Cell cell) {
    return cell.chunkTokens().or(() -> chunkTokens).equals(chunkTokens)
        && cell.tier().or(() -> tier).equals(tier);
  }

  /** For example {@code ttft in chunks of 512 from host@3GB/s}. */
  String ttft() {
    return "ttft" + chunks(chunkTokens) + place();
  }

  /** The same of a quality run. */
  String quality(QualityResult run) {
    return "quality on " + run.dataset() + chunks(run.chunkTokens()) + place();
  }

  private static String chunks(Optional<Integer> tokens) {
    return tokens.map(size -> " in chunks of " + size).orElse("");
  }

  private String place() {
    return tier.map(of -> " from " + of).orElse("");
  }
}
