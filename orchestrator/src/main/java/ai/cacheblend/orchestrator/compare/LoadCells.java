package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The compared values of a load run: means of batches of neighbouring requests, and the throughput
 * of slices. Batches of two runs of one plan have the same requests and are paired.
 */
final class LoadCells {
  private LoadCells() {}

  /** Of a run at given levels. The levels of a search differ by chance and are not compared. */
  static void add(Map<Cell, Map<String, Double>> values, LoadResult run) {
    if (!run.summary().capacities().isEmpty()) {
      return;
    }
    for (LoadSlice slice : run.slices().stream().filter(LoadSlice::valid).toList()) {
      String key = run.header().planId() + " " + slice.key().slice();
      List<List<LoadRequest>> batches = slice.batches(true);
      for (int i = 0; i < batches.size(); i++) {
        String batch = key + " " + i;
        put(values, ComparedMeasure.TTFT, slice, batch, mean(batches.get(i), LoadCells::ttft));
        put(
            values,
            ComparedMeasure.ITL,
            slice,
            batch,
            mean(batches.get(i), LoadRequest::itlSeconds));
      }
      put(values, ComparedMeasure.THROUGHPUT, slice, key, throughput(slice));
    }
  }

  /** Capacities that both runs have, for the same objective. */
  static List<Effect> capacities(LoadResult a, LoadResult b) {
    List<Effect> effects = new ArrayList<>();
    for (LoadCapacity before : a.summary().capacities()) {
      b.summary().capacities().stream()
          .filter(after -> after.arm().equals(before.arm()) && after.slo().equals(before.slo()))
          .filter(after -> before.estimate().isPresent() && after.estimate().isPresent())
          .forEach(after -> effects.add(effect(before, after)));
    }
    return effects;
  }

  private static Effect effect(LoadCapacity before, LoadCapacity after) {
    LoadCapacity.Estimate from = before.estimate().orElseThrow();
    LoadCapacity.Estimate to = after.estimate().orElseThrow();
    return new Effect(
        Cell.ofArm(ComparedMeasure.CAPACITY, before.arm()),
        before.slices(),
        after.slices(),
        from.rate(),
        to.rate(),
        0,
        Optional.of(from.to(to)));
  }

  private static double[] ttft(LoadRequest request) {
    return new double[] {request.ttftSeconds()};
  }

  /** NaN without a value. */
  private static double mean(List<LoadRequest> requests, Function<LoadRequest, double[]> values) {
    return requests.stream()
        .flatMapToDouble(request -> Arrays.stream(values.apply(request)))
        .average()
        .orElse(Double.NaN);
  }

  private static double throughput(LoadSlice slice) {
    long answers =
        slice.requests().stream()
            .filter(r -> r.ok() && slice.window().contains(r.moments().ended()))
            .count();
    return answers / slice.window().seconds();
  }

  /** Ratios are compared in logarithms, which 0 has none of. */
  private static void put(
      Map<Cell, Map<String, Double>> values,
      ComparedMeasure measure,
      LoadSlice slice,
      String key,
      double value) {
    if (value > 0) {
      values
          .computeIfAbsent(
              Cell.ofLoad(measure, slice.key().arm(), slice.key().loadText()),
              cell -> new LinkedHashMap<>())
          .put(key, value);
    }
  }
}
