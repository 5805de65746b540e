package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.SpeedUp;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Client TTFT of full prefill divided by client TTFT of an arm.
 *
 * @param geometricMean of the ratios of the blocks
 * @param low95 lower end of the 95 % t interval of the geometric mean; NaN if n is 1, as high95
 * @param resolved whether the interval excludes 1
 */
public record SpeedUpStatistics(
    int n,
    double ratioOfMeans,
    double geometricMean,
    double low95,
    double high95,
    boolean resolved) {

  /** Pairs the times by index. */
  public static SpeedUpStatistics of(double[] fullPrefillTimes, double[] armTimes) {
    SpeedUp speedUp = SpeedUp.ofPairs(fullPrefillTimes, armTimes);
    return new SpeedUpStatistics(
        speedUp.n(),
        speedUp.ratioOfMeans(),
        speedUp.geometricMean(),
        speedUp.low95(),
        speedUp.high95(),
        speedUp.isResolved());
  }

  static SpeedUpStatistics read(JsonValue json) {
    return new SpeedUpStatistics(
        json.integer("n"),
        json.number("ratio_of_means"),
        json.number("geometric_mean"),
        json.numberOrNan("low95"),
        json.numberOrNan("high95"),
        json.bool("resolved"));
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("n", n);
    json.set("ratio_of_means", Json.number(ratioOfMeans));
    json.set("geometric_mean", Json.number(geometricMean));
    json.set("low95", Json.number(low95));
    json.set("high95", Json.number(high95));
    json.put("resolved", resolved);
    return json;
  }
}
