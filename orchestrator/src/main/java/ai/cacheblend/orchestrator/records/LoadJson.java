package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LoadReport;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The field {@code load} of an answer: how its chunks came to the device. */
final class LoadJson {
  private static final String FIELD = "load";
  private static final String SEGMENTS = "recomputed_segments";
  private static final String RATIO = "recompute_ratio";
  private static final String PREDICTED_TTFT = "predicted_worker_ttft_seconds";
  private static final String PREDICTED_LOAD = "predicted_load_seconds";
  private static final String LOAD = "load_seconds";
  private static final String HIDDEN = "hidden_share";

  private LoadJson() {}

  /** Writes nothing without a load, a choice and a prediction. */
  static void write(ObjectNode json, GenerateResult answer) {
    LoadReport load = answer.load();
    if (load.equals(LoadReport.NONE)) {
      return;
    }
    ObjectNode field = json.putObject(FIELD);
    field.set(SEGMENTS, Json.ints(load.recomputedSegments()));
    load.ratio().ifPresent(ratio -> field.put(RATIO, ratio));
    load.predictedTtftNanos().ifPresent(nanos -> field.set(PREDICTED_TTFT, Json.seconds(nanos)));
    load.predictedLoadNanos().ifPresent(nanos -> field.set(PREDICTED_LOAD, Json.seconds(nanos)));
    field.set(LOAD, Json.seconds(load.loadNanos()));
    answer.loadHidden().ifPresent(share -> field.set(HIDDEN, Json.number(share)));
  }

  /** Records of version 0.4 and earlier have none. */
  static LoadReport read(JsonValue answer) {
    return answer
        .find(FIELD)
        .map(
            load ->
                new LoadReport(
                    load.list(SEGMENTS, JsonValue::integer),
                    load.find(RATIO).isPresent()
                        ? OptionalDouble.of(load.number(RATIO))
                        : OptionalDouble.empty(),
                    nanos(load, PREDICTED_TTFT),
                    nanos(load, PREDICTED_LOAD),
                    Json.nanos(load.number(LOAD))))
        .orElse(LoadReport.NONE);
  }

  private static OptionalLong nanos(JsonValue json, String field) {
    return json.find(field).isPresent()
        ? OptionalLong.of(Json.nanos(json.number(field)))
        : OptionalLong.empty();
  }
}
