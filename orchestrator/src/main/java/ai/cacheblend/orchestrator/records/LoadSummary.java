package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.Interval;
import ai.cacheblend.metrics.MeanDifference;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.Slo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Summary of a load run.
 *
 * @param limits of the objective; empty without one
 * @param levels one per level and arm that has a valid slice
 * @param capacities of a search for the highest rate, one per arm; empty without one
 * @param invalidSlices slices that do not count
 * @param warnings reasons to doubt the statistics
 */
public record LoadSummary(
    List<Limit> limits,
    List<Level> levels,
    List<LoadCapacity> capacities,
    int invalidSlices,
    List<String> warnings) {

  /**
   * An arm at a level of load.
   *
   * @param stream its course, if the pool of chunks drifts
   */
  public record Level(
      int level,
      String arm,
      LoadPoint point,
      Counts counts,
      Throughput throughput,
      Latencies latencies,
      Reuse reuse,
      List<Bin> overTime,
      Optional<LoadStream> stream) {
    public Level {
      overTime = List.copyOf(overTime);
    }

    /** The value of the level: requests per second, or requests at a time. */
    public double load() {
      return point.value();
    }

    /** For example {@code rate 2.5}. */
    public String loadText() {
      return point.text();
    }

    /** What {@link #load} counts. */
    public String loadUnit() {
      return point.kind().unit();
    }
  }

  /**
   * A limit of the objective.
   *
   * @param metric {@code ttft}, {@code itl}, {@code tpot} or {@code e2e}
   * @param text for example {@code ttft:p90=500ms}
   */
  public record Limit(String metric, double share, double seconds, String text) {}

  /**
   * Measured requests.
   *
   * @param failed requests without a complete answer, {@code refused} and {@code timeouts} included
   */
  public record Counts(int requests, int failed, int refused, int timeouts) {}

  /**
   * What was answered in the windows of the slices.
   *
   * @param windowSeconds length of all windows
   * @param offeredRate requests per second that were due
   * @param goodput requests per second that met the objective; empty without an objective
   * @param goodShare share of the measured requests that met the objective; failed ones did not
   * @param sloMet whether every limit of the objective is met at its percentile
   */
  public record Throughput(
      double windowSeconds,
      double offeredRate,
      double requestsPerSecond,
      double tokensPerSecond,
      Optional<Double> goodput,
      Optional<Double> goodShare,
      Optional<Boolean> sloMet) {}

  /**
   * Latencies of the measured requests.
   *
   * @param ttft empty if no request was answered; as the others but {@code lag}
   * @param itl empty if no answer has two tokens
   * @param lag of all requests, failed ones included
   */
  public record Latencies(
      Optional<LatencyStatistics> ttft,
      Optional<LatencyStatistics> itl,
      Optional<LatencyStatistics> tpot,
      Optional<LatencyStatistics> e2e,
      Optional<LatencyStatistics> queue,
      LatencyStatistics lag) {}

  /**
   * Use of stored chunks by the measured requests that were answered.
   *
   * @param hitRate share of the chunks that were stored when they were needed; empty for arms that
   *     read none
   */
  public record Reuse(
      Optional<Double> hitRate,
      long retries,
      long reusedTokens,
      long recomputedTokens,
      long computedTokens) {}

  /**
   * A part of the time since the start of a slice, over all slices of the level and arm. Requests
   * of the warm-up are included.
   *
   * @param seconds middle of the part
   * @param hitRate empty for arms that read no chunk
   * @param meanTtft NaN if none was answered
   */
  public record Bin(double seconds, int requests, Optional<Double> hitRate, double meanTtft) {}

  /**
   * How many times the rate of {@code baseline} an arm sustains.
   *
   * @param interval 95 %
   */
  public record CapacityRatio(String arm, String baseline, double ratio, Interval interval) {
    static CapacityRatio of(LoadCapacity arm, LoadCapacity baseline) {
      MeanDifference log = baseline.estimate().orElseThrow().to(arm.estimate().orElseThrow());
      return new CapacityRatio(
          arm.arm(),
          baseline.arm(),
          Math.exp(log.difference()),
          new Interval(Math.exp(log.low95()), Math.exp(log.high95())));
    }
  }

  public LoadSummary {
    limits = List.copyOf(limits);
    levels = List.copyOf(levels);
    capacities = List.copyOf(capacities);
    warnings = List.copyOf(warnings);
  }

  /** The limits of {@code slo}. */
  public static List<Limit> limits(Optional<Slo> slo) {
    return slo.map(Slo::limits).orElse(List.of()).stream()
        .map(limit -> new Limit(limit.metric().key(), limit.share(), limit.seconds(), limit.text()))
        .toList();
  }

  /** Whether every arm has each level of the plan, or a result of the search. */
  public boolean complete(LoadPlan plan) {
    return plan.shape() instanceof LoadShape.Search
        ? capacities.size() == plan.arms().size()
        : levels.size() == plan.shape().levelCount() * plan.arms().size();
  }

  /** Capacities of all pairs of arms with an estimate, the later one against the earlier one. */
  public List<CapacityRatio> capacityRatios() {
    List<LoadCapacity> known = capacities.stream().filter(c -> c.estimate().isPresent()).toList();
    List<CapacityRatio> ratios = new ArrayList<>();
    for (int i = 1; i < known.size(); i++) {
      for (int j = 0; j < i; j++) {
        ratios.add(CapacityRatio.of(known.get(i), known.get(j)));
      }
    }
    return ratios;
  }
}
