package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.TtftResult;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What tells the TTFT runs of a comparison apart.
 *
 * @param chunkTokens tokens per chunk; empty if there is one chunk size
 * @param tier name of the place of the chunks; empty if each side has one
 */
record TtftPart(Optional<Integer> chunkTokens, Optional<String> tier) {
  /** Chunk sizes and tiers that a comparison names. */
  record Names(boolean sizes, boolean tiers) {
    static Names of(List<Result> a, List<Result> b) {
      return new Names(severalSizes(a) || severalSizes(b), severalTiers(a) || severalTiers(b));
    }

    private static boolean severalSizes(List<Result> runs) {
      return runs.stream().anyMatch(SweepResult.class::isInstance) || ttft(runs).count() > 1;
    }

    private static boolean severalTiers(List<Result> runs) {
      return ttft(runs).map(run -> TtftPart.of(run).tier).distinct().count() > 1;
    }

    private static Stream<Result> ttft(List<Result> runs) {
      return runs.stream().filter(TtftResult.class::isInstance);
    }

    TtftPart part(Result run) {
      TtftPart part = TtftPart.of(run);
      return new TtftPart(part.chunkTokens.filter(size -> sizes), part.tier.filter(place -> tiers));
    }
  }

  /** With both. */
  static TtftPart of(Result run) {
    return new TtftPart(
        Optional.of(run.header().plan().path("chunk_tokens").asInt()),
        Optional.of(run.header().place()));
  }

  /** Whether a cell names nothing else. */
  boolean covers(Cell cell) {
    return cell.chunkTokens().or(() -> chunkTokens).equals(chunkTokens)
        && cell.tier().or(() -> tier).equals(tier);
  }

  /** For example {@code ttft in chunks of 512 from host@3GB/s}. */
  String words() {
    return "ttft"
        + chunkTokens.map(tokens -> " in chunks of " + tokens).orElse("")
        + tier.map(of -> " from " + of).orElse("");
  }
}
