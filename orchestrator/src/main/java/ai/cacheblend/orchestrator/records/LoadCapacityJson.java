package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Capacities in {@code result.json}. Bounds that are not known are null. */
final class LoadCapacityJson {
  private LoadCapacityJson() {}

  static ObjectNode of(LoadCapacity capacity) {
    ObjectNode json = Json.object();
    json.put("arm", capacity.arm());
    json.put("slo", capacity.slo());
    Optional<LoadCapacity.Estimate> estimate = capacity.estimate();
    json.put("max_rate", estimate.map(LoadCapacity.Estimate::rate).orElse(null));
    ObjectNode interval = json.putObject("interval");
    interval.put("low95", capacity.low());
    interval.put("high95", Double.isFinite(capacity.high()) ? capacity.high() : null);
    json.put("limited_by", estimate.map(LoadCapacity.Estimate::limitedBy).orElse(null));
    json.put(
        "log_standard_error", estimate.map(LoadCapacity.Estimate::logStandardError).orElse(null));
    json.put(
        "degrees_of_freedom", estimate.map(LoadCapacity.Estimate::degreesOfFreedom).orElse(null));
    json.put("slices", capacity.slices());
    return json;
  }

  static ObjectNode of(LoadSummary.CapacityRatio ratio) {
    ObjectNode json = Json.object();
    json.put("arm", ratio.arm());
    json.put("baseline", ratio.baseline());
    json.put("ratio", ratio.ratio());
    json.put("low95", ratio.interval().low());
    json.put("high95", ratio.interval().high());
    return json;
  }

  static LoadCapacity read(JsonValue json) {
    JsonValue interval = json.get("interval");
    return new LoadCapacity(
        json.text("arm"),
        json.text("slo"),
        json.has("max_rate")
            ? Optional.of(
                new LoadCapacity.Estimate(
                    json.number("max_rate"),
                    json.number("log_standard_error"),
                    json.number("degrees_of_freedom"),
                    json.text("limited_by")))
            : Optional.empty(),
        interval.number("low95"),
        interval.has("high95") ? interval.number("high95") : Double.POSITIVE_INFINITY,
        json.integer("slices"));
  }
}
