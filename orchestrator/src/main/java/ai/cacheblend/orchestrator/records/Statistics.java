package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.metrics.Summary;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Statistics of repeated measurements.
 *
 * @param std sample standard deviation (divisor n − 1); NaN if n is 1, as low95 and high95
 * @param low95 lower end of the 95 % t interval of the mean
 * @param percentiles by percent, nearest rank, those that n supports
 */
public record Statistics(
    int n,
    double mean,
    double std,
    double median,
    double min,
    double max,
    double low95,
    double high95,
    Map<Integer, Double> percentiles) {
  private static final List<Integer> PERCENTS = List.of(90, 95, 99);

  public Statistics {
    percentiles = Collections.unmodifiableMap(new TreeMap<>(percentiles));
  }

  /** Without percentiles. */
  public static Statistics of(double... values) {
    Summary summary = Summary.of(values);
    return new Statistics(
        summary.n(),
        summary.mean(),
        summary.sampleStd(),
        summary.median(),
        summary.min(),
        summary.max(),
        summary.mean() - summary.halfWidth95(),
        summary.mean() + summary.halfWidth95(),
        Map.of());
  }

  /** With the percentiles that so many values support. */
  public static Statistics withPercentiles(double... values) {
    Statistics statistics = of(values);
    Percentiles percentiles = Percentiles.of(values);
    Map<Integer, Double> known = new TreeMap<>();
    PERCENTS.forEach(
        percent -> percentiles.at(percent / 100.0).ifPresent(value -> known.put(percent, value)));
    return new Statistics(
        statistics.n,
        statistics.mean,
        statistics.std,
        statistics.median,
        statistics.min,
        statistics.max,
        statistics.low95,
        statistics.high95,
        known);
  }

  static Statistics read(JsonValue json) {
    Map<Integer, Double> percentiles = new TreeMap<>();
    PERCENTS.forEach(
        percent ->
            json.find("p" + percent).ifPresent(value -> percentiles.put(percent, value.number())));
    return new Statistics(
        json.integer("n"),
        json.number("mean"),
        json.numberOrNan("std"),
        json.number("median"),
        json.number("min"),
        json.number("max"),
        json.numberOrNan("low95"),
        json.numberOrNan("high95"),
        percentiles);
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("n", n);
    json.set("mean", Json.number(mean));
    json.set("std", Json.number(std));
    json.set("median", Json.number(median));
    json.set("min", Json.number(min));
    json.set("max", Json.number(max));
    json.set("low95", Json.number(low95));
    json.set("high95", Json.number(high95));
    percentiles.forEach((percent, value) -> json.set("p" + percent, Json.number(value)));
    return json;
  }
}
