package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.TtftResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A run under the name that a report gives it.
 *
 * @param name unique in the report; fit for file names and anchors
 */
public record NamedResult(String name, Result run) {

  /** Names runs by their folders, with a number where two are alike. */
  public static List<NamedResult> named(List<? extends Result> runs) {
    Set<String> used = new HashSet<>();
    List<NamedResult> named = new ArrayList<>();
    for (Result run : runs) {
      String folder = run.header().folder().toAbsolutePath().normalize().getFileName().toString();
      String base = folder.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-");
      String name = base;
      for (int i = 2; !used.add(name); i++) {
        name = base + "-" + i;
      }
      named.add(new NamedResult(name, run));
    }
    return named;
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
}
