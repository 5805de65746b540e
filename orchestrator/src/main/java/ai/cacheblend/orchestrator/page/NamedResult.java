package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.TtftResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A run and its name in a report.
 *
 * @param name unique in the report; valid in file names and anchors
 * @param earlier run of the same kind to overlay; empty if there is none
 */
public record NamedResult(String name, Result run, Optional<Result> earlier) {

  /** Names runs after their folders; adds a number to equal names. */
  public static List<NamedResult> named(List<? extends Result> runs) {
    return named(runs, List.of());
  }

  /**
   * @param baselines earlier runs; each run is compared with the first one of the same kind, model
   *     and data
   */
  static List<NamedResult> named(List<? extends Result> runs, List<? extends Result> baselines) {
    Set<String> used = new HashSet<>();
    List<NamedResult> named = new ArrayList<>();
    for (Result run : runs) {
      String folder = run.header().folder().toAbsolutePath().normalize().getFileName().toString();
      String base = folder.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-");
      String name = base;
      for (int i = 2; !used.add(name); i++) {
        name = base + "-" + i;
      }
      Optional<Result> earlier =
          baselines.stream()
              .filter(baseline -> comparable(run, baseline))
              .findFirst()
              .map(Result.class::cast);
      named.add(new NamedResult(name, run, earlier));
    }
    return named;
  }

  private static boolean comparable(Result run, Result baseline) {
    if (!run.header().model("fingerprint").equals(baseline.header().model("fingerprint"))) {
      return false;
    }
    if (run instanceof QualityResult now && baseline instanceof QualityResult before) {
      return now.dataset().equals(before.dataset())
          && now.header().place().equals(before.header().place())
          && now.metric().equals(before.metric())
          && now.chunkTokens().equals(before.chunkTokens());
    }
    if (run instanceof TtftResult && baseline instanceof TtftResult) {
      return chunkTokens(run).equals(chunkTokens(baseline))
          && run.header().place().equals(baseline.header().place());
    }
    return run instanceof SweepResult && baseline instanceof SweepResult;
  }

  private static String chunkTokens(Result run) {
    return run.header().plan().path("chunk_tokens").asText();
  }

  Stream<TtftResult> ttft() {
    return run instanceof TtftResult ttft ? Stream.of(ttft) : Stream.empty();
  }

  Stream<QualityResult> quality() {
    return run instanceof QualityResult quality ? Stream.of(quality) : Stream.empty();
  }

  Stream<SweepResult> sweep() {
    return run instanceof SweepResult sweep ? Stream.of(sweep) : Stream.empty();
  }

  Stream<LoadResult> load() {
    return run instanceof LoadResult load ? Stream.of(load) : Stream.empty();
  }

  Optional<TtftResult> earlierTtft() {
    return earlier.filter(TtftResult.class::isInstance).map(TtftResult.class::cast);
  }

  Optional<QualityResult> earlierQuality() {
    return earlier.filter(QualityResult.class::isInstance).map(QualityResult.class::cast);
  }

  Optional<SweepResult> earlierSweep() {
    return earlier.filter(SweepResult.class::isInstance).map(SweepResult.class::cast);
  }
}
