package ai.cacheblend.orchestrator.csv;

import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A load run as CSV. */
public final class LoadCsv {
  private static final List<String> STATISTICS =
      List.of("n", "mean", "std", "min", "p50", "p90", "p95", "p99", "max", "low95", "high95");

  private static final List<String> LATENCIES =
      List.of("ttft", "itl", "tpot", "e2e", "worker_queue", "send_lag");

  private LoadCsv() {}

  /** One line per level and arm. */
  public static String levels(LoadResult run) {
    List<String> header =
        new ArrayList<>(
            List.of(
                "level",
                "arm",
                "load",
                "requests",
                "failed",
                "refused",
                "timeouts",
                "duration_seconds",
                "offered_requests_per_second",
                "throughput_requests_per_second",
                "throughput_tokens_per_second",
                "goodput_requests_per_second",
                "good_share",
                "slo_met",
                "hit_rate",
                "reused_tokens",
                "recomputed_tokens",
                "computed_tokens"));
    for (String latency : LATENCIES) {
      STATISTICS.forEach(statistic -> header.add(latency + "_" + statistic));
    }
    CsvTable table = new CsvTable(header);
    run.summary().levels().forEach(level -> table.row(values(level)));
    return table.render();
  }

  /** One line per arm of a search for the highest rate. */
  public static String capacities(LoadResult run) {
    CsvTable table =
        new CsvTable(List.of("arm", "slo", "max_rate", "low95", "high95", "limited_by", "slices"));
    for (LoadCapacity capacity : run.summary().capacities()) {
      table.row(
          Arrays.asList(
              capacity.arm(),
              capacity.slo(),
              capacity.estimate().map(LoadCapacity.Estimate::rate).orElse(null),
              capacity.low(),
              Double.isFinite(capacity.high()) ? capacity.high() : null,
              capacity.estimate().map(LoadCapacity.Estimate::limitedBy).orElse(null),
              capacity.slices()));
    }
    return table.render();
  }

  private static List<Object> values(LoadSummary.Level level) {
    LoadSummary.Throughput throughput = level.throughput();
    LoadSummary.Latencies latencies = level.latencies();
    List<Object> values =
        new ArrayList<>(
            Arrays.asList(
                level.level(),
                level.arm(),
                level.load(),
                level.counts().requests(),
                level.counts().failed(),
                level.counts().refused(),
                level.counts().timeouts(),
                throughput.windowSeconds(),
                throughput.offeredRate(),
                throughput.requestsPerSecond(),
                throughput.tokensPerSecond(),
                throughput.goodput().orElse(null),
                throughput.goodShare().orElse(null),
                throughput.sloMet().orElse(null),
                level.reuse().hitRate().orElse(null),
                level.reuse().reusedTokens(),
                level.reuse().recomputedTokens(),
                level.reuse().computedTokens()));
    values.addAll(values(latencies.ttft()));
    values.addAll(values(latencies.itl()));
    values.addAll(values(latencies.tpot()));
    values.addAll(values(latencies.e2e()));
    values.addAll(values(latencies.queue()));
    values.addAll(values(Optional.of(latencies.lag())));
    return values;
  }

  private static List<Object> values(Optional<LatencyStatistics> statistics) {
    if (statistics.isEmpty()) {
      return new ArrayList<>(Arrays.asList(new Object[STATISTICS.size()]));
    }
    LatencyStatistics of = statistics.get();
    return List.of(
        of.n(),
        of.mean(),
        of.std(),
        of.min(),
        of.percentile(50),
        of.percentile(90),
        of.percentile(95),
        of.percentile(99),
        of.max(),
        of.low95(),
        of.high95());
  }

  /** One line per row of {@code requests.jsonl}. */
  public static String requests(LoadResult run) {
    CsvTable table =
        new CsvTable(
            List.of(
                "level",
                "arm",
                "load",
                "slice",
                "index",
                "phase",
                "worker",
                "outcome",
                "problem",
                "prompt_tokens",
                "new_tokens",
                "chunks",
                "misses",
                "send_lag",
                "ttft",
                "tpot",
                "e2e"));
    for (LoadSlice slice : run.slices()) {
      slice.requests().forEach(request -> table.row(values(slice.key(), request)));
    }
    return table.render();
  }

  private static List<Object> values(LoadSlice.Key key, LoadRequest request) {
    return Arrays.asList(
        key.level(),
        key.arm(),
        key.load(),
        key.slice(),
        request.index(),
        request.phase().key(),
        request.workerName(),
        request.outcome().name().toLowerCase(Locale.ROOT),
        request.problem().orElse(""),
        request.promptTokens(),
        request.newTokens(),
        request.reuse().chunks(),
        request.reuse().misses(),
        request.lagSeconds(),
        request.ok() ? request.ttftSeconds() : null,
        request.tpotSeconds().isPresent() ? request.tpotSeconds().getAsDouble() : null,
        request.ok() ? request.e2eSeconds() : null);
  }
}
