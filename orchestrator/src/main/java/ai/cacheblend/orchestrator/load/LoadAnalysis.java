package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadRequest.Outcome;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Summarizes the slices of a load run. */
public final class LoadAnalysis {
  private static final double NANOS_PER_SECOND = 1e9;

  /** Largest p99 of the send lag as a share of the mean TTFT without a warning. */
  private static final double LAG_SHARE = 0.1;

  private static final double LAG_SECONDS = 0.001;

  private LoadAnalysis() {}

  /** The summary; levels and arms are in the order of the plan. */
  public static LoadSummary summary(LoadPlan plan, List<LoadSlice> slices) {
    List<LoadPoint> points = points(plan, slices);
    Optional<NamedArm> baseline = plan.workload().drifts() ? plan.baseline() : Optional.empty();
    List<LoadSummary.Level> levels = new ArrayList<>();
    for (int level = 0; level < points.size(); level++) {
      for (NamedArm arm : plan.arms()) {
        LoadPoint point = points.get(level);
        List<LoadSlice> ofArm =
            ofArm(arm, slices).stream().filter(s -> s.key().point().equals(point)).toList();
        if (ofArm.stream().anyMatch(slice -> !slice.measured().isEmpty())) {
          levels.add(level(plan, level, arm, ofArm, measured(baseline, point, slices)));
        }
      }
    }
    return new LoadSummary(
        LoadSummary.limits(plan.slo()),
        levels,
        capacities(plan, slices),
        (int) slices.stream().filter(slice -> !slice.valid()).count(),
        levels.stream().flatMap(level -> lagWarning(level).stream()).toList());
  }

  /** In the order of the plan; of a search by rate, slices of several rounds together. */
  private static List<LoadPoint> points(LoadPlan plan, List<LoadSlice> slices) {
    return plan.shape() instanceof LoadShape.Search
        ? slices.stream()
            .map(slice -> slice.key().point())
            .distinct()
            .sorted(Comparator.comparingDouble(LoadPoint::value))
            .toList()
        : plan.shape().points();
  }

  private static List<LoadSlice> ofArm(NamedArm arm, List<LoadSlice> slices) {
    return slices.stream()
        .filter(slice -> slice.valid() && slice.key().arm().equals(arm.name()))
        .toList();
  }

  private static List<LoadCapacity> capacities(LoadPlan plan, List<LoadSlice> slices) {
    if (!(plan.shape() instanceof LoadShape.Search)) {
      return List.of();
    }
    RateSearch search = new RateSearch(plan.slo().orElseThrow(), plan.maxNewTokens());
    return plan.arms().stream()
        .filter(arm -> !ofArm(arm, slices).isEmpty())
        .map(arm -> search.capacity(arm.name(), search.tried(ofArm(arm, slices))))
        .toList();
  }

  private static Optional<List<LoadRequest>> measured(
      Optional<NamedArm> arm, LoadPoint point, List<LoadSlice> slices) {
    return arm.map(
        of ->
            ofArm(of, slices).stream()
                .filter(slice -> slice.key().point().equals(point))
                .flatMap(slice -> slice.measured().stream())
                .toList());
  }

  /**
   * Summarizes an arm at a level.
   *
   * @param baseline requests of full prefill in a stream; otherwise empty
   */
  private static LoadSummary.Level level(
      LoadPlan plan,
      int level,
      NamedArm arm,
      List<LoadSlice> slices,
      Optional<List<LoadRequest>> baseline) {
    LoadPoint point = slices.get(0).key().point();
    boolean prefixCaching = arm.arm() instanceof Arm.PrefixCaching;
    List<LoadRequest> measured =
        slices.stream().flatMap(slice -> slice.measured().stream()).toList();
    List<LoadRequest> ok = measured.stream().filter(LoadRequest::ok).toList();
    return new LoadSummary.Level(
        level,
        arm.name(),
        point,
        new LoadSummary.Counts(
            measured.size(),
            measured.size() - ok.size(),
            count(measured, Outcome.REFUSED),
            count(measured, Outcome.TIMEOUT)),
        throughput(plan, slices, measured),
        latencies(slices, plan.seed()),
        reuse(measured, ok, prefixCaching),
        TimeBins.of(slices, prefixCaching),
        baseline.map(
            full ->
                StreamWindows.of(
                    measured,
                    arm.arm() instanceof Arm.FullPrefill ? Optional.empty() : Optional.of(full),
                    prefixCaching)));
  }

  private static int count(List<LoadRequest> requests, Outcome outcome) {
    return (int) requests.stream().filter(request -> request.outcome() == outcome).count();
  }

  /** Answers that end in the window count, also those of the warm-up; later ones do not. */
  private static LoadSummary.Throughput throughput(
      LoadPlan plan, List<LoadSlice> slices, List<LoadRequest> measured) {
    Optional<SloCheck> slo = plan.slo().map(s -> new SloCheck(s, plan.maxNewTokens()));
    double seconds = slices.stream().mapToDouble(slice -> slice.window().seconds()).sum();
    long answers = 0;
    long tokens = 0;
    long good = 0;
    for (LoadSlice slice : slices) {
      for (LoadRequest request : slice.requests()) {
        if (request.ok()) {
          boolean inside = slice.window().contains(request.moments().ended());
          answers += inside ? 1 : 0;
          good += inside && slo.map(s -> s.good(request)).orElse(false) ? 1 : 0;
          tokens += request.moments().tokens().stream().filter(slice.window()::contains).count();
        }
      }
    }
    long goodMeasured =
        measured.stream().filter(r -> slo.map(s -> s.good(r)).orElse(false)).count();
    double goodput = good / seconds;
    return new LoadSummary.Throughput(
        seconds,
        measured.size() / seconds,
        answers / seconds,
        tokens / seconds,
        slo.map(s -> goodput),
        slo.map(s -> (double) goodMeasured / measured.size()),
        slo.flatMap(s -> s.met(measured)));
  }

  private static LoadSummary.Latencies latencies(List<LoadSlice> slices, long seed) {
    List<List<LoadRequest>> all = batches(slices, false);
    List<List<LoadRequest>> ok = batches(slices, true);
    return new LoadSummary.Latencies(
        Latency.of(ok, Latency.single(LoadRequest::ttftSeconds), seed),
        Latency.of(ok, LoadRequest::itlSeconds, seed),
        Latency.of(ok, request -> request.tpotSeconds().stream().toArray(), seed),
        Latency.of(ok, Latency.single(LoadRequest::e2eSeconds), seed),
        Latency.of(
            ok,
            Latency.single(r -> r.worker().orElseThrow().queueNanos() / NANOS_PER_SECOND),
            seed),
        Latency.of(all, Latency.single(LoadRequest::lagSeconds), seed).orElseThrow());
  }

  /** No batch spans two slices. */
  private static List<List<LoadRequest>> batches(List<LoadSlice> slices, boolean okOnly) {
    return slices.stream().flatMap(slice -> slice.batches(okOnly).stream()).toList();
  }

  private static LoadSummary.Reuse reuse(
      List<LoadRequest> measured, List<LoadRequest> ok, boolean prefixCaching) {
    return new LoadSummary.Reuse(
        hitRate(ok, prefixCaching),
        measured.stream().mapToLong(request -> request.reuse().retries()).sum(),
        sum(ok, RowCounts::reusedTokenCount),
        sum(ok, RowCounts::recomputedTokenCount),
        sum(ok, RowCounts::computedTokenCount));
  }

  /**
   * Share of the chunks that were stored when they were needed; with prefix caching, share of the
   * prompt tokens whose KV was reused. Empty if nothing was needed. Only answered requests count:
   * it is not known what a refused one would have found.
   */
  static Optional<Double> hitRate(List<LoadRequest> requests, boolean prefixCaching) {
    List<LoadRequest> ok = requests.stream().filter(LoadRequest::ok).toList();
    if (prefixCaching) {
      long tokens = ok.stream().mapToLong(LoadRequest::promptTokens).sum();
      return tokens == 0
          ? Optional.empty()
          : Optional.of((double) sum(ok, RowCounts::reusedTokenCount) / tokens);
    }
    long chunks = ok.stream().mapToLong(request -> request.reuse().chunks()).sum();
    long misses = ok.stream().mapToLong(request -> request.reuse().misses()).sum();
    return chunks == 0 ? Optional.empty() : Optional.of(1 - (double) misses / chunks);
  }

  private static long sum(List<LoadRequest> requests, ToLongFunction<RowCounts> rows) {
    return requests.stream().mapToLong(r -> rows.applyAsLong(r.rows().orElseThrow())).sum();
  }

  private static Optional<String> lagWarning(LoadSummary.Level level) {
    LatencyStatistics lag = level.latencies().lag();
    double worst = lag.percentiles().containsKey(99) ? lag.percentile(99) : lag.max();
    double ttft = level.latencies().ttft().map(LatencyStatistics::mean).orElse(0.0);
    return worst <= Math.max(LAG_SECONDS, LAG_SHARE * ttft)
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "requests of %s at %s were sent up to %.1f ms late: the generator did not keep its"
                    + " schedule",
                level.arm(),
                level.point().text(),
                worst * 1e3));
  }
}
