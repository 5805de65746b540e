package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.Interval;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Statistics of a latency under load, in seconds. Values of neighbouring requests are correlated,
 * so intervals are those of batches.
 *
 * @param n number of values
 * @param std sample standard deviation; NaN if n is 1
 * @param low95 lower end of the interval of the mean (batch means); NaN if there is one batch
 * @param percentiles by percent, nearest rank, those that n supports
 */
public record LatencyStatistics(
    int n,
    double mean,
    double std,
    double min,
    double max,
    double low95,
    double high95,
    Map<Integer, Percentile> percentiles) {

  /** The percents that are reported. */
  public static final List<Integer> PERCENTS = List.of(50, 90, 95, 99);

  /**
   * A percentile.
   *
   * @param interval 95 %, block bootstrap; empty if there are too few batches
   */
  public record Percentile(double value, Optional<Interval> interval) {}

  public LatencyStatistics {
    percentiles = Collections.unmodifiableMap(new TreeMap<>(percentiles));
  }

  /** The value of a percentile, or NaN if n does not support it. */
  public double percentile(int percent) {
    return percentiles.containsKey(percent) ? percentiles.get(percent).value() : Double.NaN;
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("n", n);
    json.set("mean", Json.number(mean));
    json.set("std", Json.number(std));
    json.set("min", Json.number(min));
    json.set("max", Json.number(max));
    json.set("low95", Json.number(low95));
    json.set("high95", Json.number(high95));
    percentiles.forEach(
        (percent, percentile) -> {
          json.set("p" + percent, Json.number(percentile.value));
          percentile.interval.ifPresent(
              interval -> {
                json.set("p" + percent + "_low95", Json.number(interval.low()));
                json.set("p" + percent + "_high95", Json.number(interval.high()));
              });
        });
    return json;
  }

  static LatencyStatistics read(JsonValue json) {
    Map<Integer, Percentile> percentiles = new TreeMap<>();
    for (int percent : PERCENTS) {
      String key = "p" + percent;
      if (json.has(key)) {
        Optional<Interval> interval =
            json.has(key + "_low95")
                ? Optional.of(
                    new Interval(json.number(key + "_low95"), json.number(key + "_high95")))
                : Optional.empty();
        percentiles.put(percent, new Percentile(json.number(key), interval));
      }
    }
    return new LatencyStatistics(
        json.integer("n"),
        json.number("mean"),
        json.numberOrNan("std"),
        json.number("min"),
        json.number("max"),
        json.numberOrNan("low95"),
        json.numberOrNan("high95"),
        percentiles);
  }
}
