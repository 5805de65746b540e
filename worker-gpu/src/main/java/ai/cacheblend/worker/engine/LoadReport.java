package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.forecast.Prediction;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How the chunks of a prompt came to the device.
 *
 * @param recomputedSegments indices of cached segments that were computed instead of loaded
 * @param ratio that was used, for arms that raise it
 * @param prediction from earlier requests; empty while the worker has measured too little
 * @param loadNanos from the begin of the request until its chunks were on the device; 0 if all were
 *     there
 */
public record LoadReport(
    List<Integer> recomputedSegments,
    OptionalDouble ratio,
    Optional<Prediction> prediction,
    long loadNanos) {
  public static final LoadReport NONE =
      new LoadReport(List.of(), OptionalDouble.empty(), Optional.empty(), 0);

  public LoadReport {
    recomputedSegments = List.copyOf(recomputedSegments);
  }
}
