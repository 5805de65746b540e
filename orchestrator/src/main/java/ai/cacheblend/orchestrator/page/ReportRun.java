package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.records.QualityRun;
import ai.cacheblend.orchestrator.records.Run;
import ai.cacheblend.orchestrator.records.SweepRun;
import ai.cacheblend.orchestrator.records.TtftRun;
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
public record ReportRun(String name, Run run) {

  /** Names runs by their folders, with a number where two are alike. */
  public static List<ReportRun> named(List<? extends Run> runs) {
    Set<String> used = new HashSet<>();
    List<ReportRun> named = new ArrayList<>();
    for (Run run : runs) {
      String folder = run.facts().folder().toAbsolutePath().normalize().getFileName().toString();
      String base = folder.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-");
      String name = base;
      for (int i = 2; !used.add(name); i++) {
        name = base + "-" + i;
      }
      named.add(new ReportRun(name, run));
    }
    return named;
  }

  Stream<TtftRun> ttft() {
    return run instanceof TtftRun ttft ? Stream.of(ttft) : Stream.empty();
  }

  Stream<QualityRun> quality() {
    return run instanceof QualityRun quality ? Stream.of(quality) : Stream.empty();
  }

  Stream<SweepRun> sweep() {
    return run instanceof SweepRun sweep ? Stream.of(sweep) : Stream.empty();
  }
}
