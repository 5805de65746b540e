package ai.cacheblend.orchestrator.load;

import ai.cacheblend.metrics.BatchMeans;
import ai.cacheblend.metrics.BlockBootstrap;
import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadRequest;
import com.google.common.primitives.Doubles;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Statistics of a latency from batches of neighbouring requests. */
final class Latency {
  private Latency() {}

  /**
   * The statistics; empty if there is no value.
   *
   * @param batches requests in batches
   * @param values of one request, in seconds; may be none
   * @param seed of the bootstrap
   */
  static Optional<LatencyStatistics> of(
      List<List<LoadRequest>> batches, Function<LoadRequest, double[]> values, long seed) {
    List<double[]> blocks =
        batches.stream()
            .map(batch -> Doubles.concat(batch.stream().map(values).toArray(double[][]::new)))
            .filter(block -> block.length > 0)
            .toList();
    double[] all = Doubles.concat(blocks.toArray(double[][]::new));
    if (all.length == 0) {
      return Optional.empty();
    }
    Summary summary = Summary.of(all);
    BatchMeans means = BatchMeans.of(blocks);
    Percentiles percentiles = Percentiles.of(all);
    BlockBootstrap bootstrap = BlockBootstrap.of(blocks);
    Map<Integer, LatencyStatistics.Percentile> known = new TreeMap<>();
    for (int percent : LatencyStatistics.PERCENTS) {
      double fraction = percent / 100.0;
      percentiles
          .at(fraction)
          .ifPresent(
              value ->
                  known.put(
                      percent,
                      new LatencyStatistics.Percentile(
                          value, bootstrap.percentile95(fraction, seed))));
    }
    return Optional.of(
        new LatencyStatistics(
            summary.n(),
            summary.mean(),
            summary.sampleStd(),
            summary.min(),
            summary.max(),
            means.low95(),
            means.high95(),
            known));
  }

  /** For requests with one value. */
  static Function<LoadRequest, double[]> single(Function<LoadRequest, Double> value) {
    return request -> new double[] {value.apply(request)};
  }
}
