package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.LoadSlice;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The compared values of a load run: means of batches of neighbouring requests, and the throughput
 * of slices. Batches of two runs of one plan have the same requests and are paired.
 */
final class LoadCells {
  private LoadCells() {}

  static void add(Map<Cell, Map<String, Double>> values, LoadResult run) {
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
