package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * Mean score of an arm as a share of full prefill's on the same samples.
 *
 * @param ratio NaN if it is not defined
 * @param low95 lower end of the 95 % confidence interval; NaN if the ratio is not defined
 * @param high95 infinite if full prefill is not shown to score more than 0
 * @param undefined why the ratio is not defined; empty if it is
 */
public record Retention(double ratio, double low95, double high95, Optional<String> undefined) {
  static final String KEY = "retention";

  public Retention {
    if (undefined.isPresent() != Double.isNaN(ratio)) {
      throw new IllegalArgumentException(
          "retention is " + ratio + ", undefined " + undefined + "; one must be given");
    }
  }

  /** Not defined, for this reason. */
  public static Retention undefined(String reason) {
    return new Retention(Double.NaN, Double.NaN, Double.NaN, Optional.of(reason));
  }

  static Retention read(JsonValue json) {
    Optional<String> undefined = json.findText("undefined");
    double high = json.numberOrNan("high95");
    return new Retention(
        json.numberOrNan("ratio"),
        json.numberOrNan("low95"),
        undefined.isEmpty() && Double.isNaN(high) ? Double.POSITIVE_INFINITY : high,
        undefined);
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.set("ratio", Json.number(ratio));
    json.set("low95", Json.number(low95));
    json.set("high95", Json.number(high95));
    json.put("undefined", undefined.orElse(null));
    return json;
  }
}
