package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.List;

/** What may be trusted of a load run: schedule, failures, slices. */
final class LoadTrust {
  private LoadTrust() {}

  static void add(List<TrustCheck> checks, LoadResult run) {
    List<LoadSummary.Level> levels = run.summary().levels();
    double lag =
        levels.stream()
            .map(level -> level.latencies().lag())
            .mapToDouble(LoadTrust::high)
            .max()
            .orElse(0);
    checks.add(
        new TrustCheck(
            "schedule",
            run.summary().warnings().isEmpty(),
            Numbers.text("requests were sent up to %s late", Numbers.duration(lag))));
    int requests = levels.stream().mapToInt(level -> level.counts().requests()).sum();
    int failed = levels.stream().mapToInt(level -> level.counts().failed()).sum();
    // A search overloads the workers on purpose.
    int overload =
        run.summary().capacities().isEmpty()
            ? 0
            : levels.stream().mapToInt(l -> l.counts().refused() + l.counts().timeouts()).sum();
    checks.add(
        new TrustCheck(
            "failed requests",
            failed == overload,
            Numbers.text("%d of %d; they count against the objective", failed, requests)));
    if (run.summary().invalidSlices() > 0) {
      checks.add(
          new TrustCheck(
              "slices",
              false,
              Numbers.text("%d slices do not count", run.summary().invalidSlices())));
    }
  }

  /** p99, or the largest value of few. */
  private static double high(LatencyStatistics lag) {
    return lag.percentiles().containsKey(99) ? lag.percentile(99) : lag.max();
  }
}
