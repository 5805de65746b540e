package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.metrics.Summary;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Statistics as records give them. */
final class StatisticsJson {
  private static final List<Integer> PERCENTILES = List.of(90, 95, 99);

  private StatisticsJson() {}

  static ObjectNode of(Summary summary) {
    ObjectNode json = Json.object();
    json.put("n", summary.n());
    json.set("mean", Json.number(summary.mean()));
    json.set("std", Json.number(summary.sampleStd()));
    json.set("median", Json.number(summary.median()));
    json.set("min", Json.number(summary.min()));
    json.set("max", Json.number(summary.max()));
    json.set("low95", Json.number(summary.mean() - summary.halfWidth95()));
    json.set("high95", Json.number(summary.mean() + summary.halfWidth95()));
    return json;
  }

  /** The same, with those percentiles that so many values can support. */
  static ObjectNode of(Summary summary, Percentiles percentiles) {
    ObjectNode json = of(summary);
    for (int percent : PERCENTILES) {
      percentiles.at(percent / 100.0).ifPresent(value -> json.put("p" + percent, value));
    }
    return json;
  }

  static ObjectNode of(SpeedUp speedUp) {
    ObjectNode json = Json.object();
    json.put("n", speedUp.n());
    json.set("ratio_of_means", Json.number(speedUp.ratioOfMeans()));
    json.set("geometric_mean", Json.number(speedUp.geometricMean()));
    json.set("low95", Json.number(speedUp.low95()));
    json.set("high95", Json.number(speedUp.high95()));
    json.put("resolved", speedUp.isResolved());
    return json;
  }
}
