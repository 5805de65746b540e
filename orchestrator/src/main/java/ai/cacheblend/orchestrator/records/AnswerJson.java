package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The JSON of an answer, in {@code trials.jsonl}, {@code samples.jsonl} and {@code generate}. */
public final class AnswerJson {
  private AnswerJson() {}

  /** Row counts. */
  public static ObjectNode rows(RowCounts rows) {
    ObjectNode json = Json.object();
    json.put("prompt", rows.promptTokenCount());
    json.put("reused", rows.reusedTokenCount());
    json.put("recomputed", rows.recomputedTokenCount());
    json.put("computed", rows.computedTokenCount());
    json.put("recomputed_row_layers", rows.layers().recomputed());
    json.put("probed_row_layers", rows.layers().probed());
    return json;
  }

  /** Durations in seconds by measure. */
  public static ObjectNode seconds(GenerateResult answer) {
    ObjectNode json = Json.object();
    for (Measure measure : Measure.durations()) {
      json.set(measure.key(), Json.number(measure.seconds(answer)));
    }
    return json;
  }

  /** Adds the fields of {@code answer}, without its text, to an arm run. */
  static void write(ObjectNode json, GenerateResult answer) {
    json.set("rows", rows(answer.rows()));
    writeSources(json, answer);
    json.set("seconds", seconds(answer));
    json.set("moments_nanos", moments(answer.times()));
    json.put("new_tokens", answer.newTokenCount());
    json.put("reason", answer.reason());
    json.set("token_ids", Json.ints(answer.tokenIds().asList()));
  }

  /** Adds the tiers from which chunks came, and how they were loaded; nothing without chunks. */
  static void writeSources(ObjectNode json, GenerateResult answer) {
    if (!answer.tierRows().isEmpty()) {
      ObjectNode tiers = json.putObject("tier_rows");
      new TreeMap<>(answer.tierRows()).forEach(tiers::put);
    }
    LoadJson.write(json, answer);
  }

  /** Reads an answer. Fields that records do not have are empty. */
  static GenerateResult read(JsonValue json) {
    return new GenerateResult(
        ImmutableIntArray.copyOf(json.list("token_ids", JsonValue::integer)),
        json.findText("text").orElse(""),
        json.text("reason"),
        json.integer("new_tokens"),
        readRows(json.get("rows")),
        readDurations(json.get("seconds")),
        readMoments(json.get("moments_nanos")),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of(),
        json.find("tier_rows").map(AnswerJson::readTierRows).orElse(Map.of()),
        LoadJson.read(json));
  }

  private static Map<String, Integer> readTierRows(JsonValue json) {
    Map<String, Integer> rows = new TreeMap<>();
    json.node().fieldNames().forEachRemaining(tier -> rows.put(tier, json.integer(tier)));
    return rows;
  }

  /** Records of version 0.3 and earlier have no sums over layers. */
  static RowCounts readRows(JsonValue json) {
    return new RowCounts(
        json.integer("prompt"),
        json.integer("reused"),
        json.integer("recomputed"),
        json.integer("computed"),
        new RowLayers(
            json.find("recomputed_row_layers").map(JsonValue::longInteger).orElse(0L),
            json.find("probed_row_layers").map(JsonValue::longInteger).orElse(0L)));
  }

  private static GenerateResult.WorkerDurations readDurations(JsonValue seconds) {
    return new GenerateResult.WorkerDurations(
        nanos(seconds, Measure.WORKER_QUEUE),
        nanos(seconds, Measure.WORKER_KV_LOAD_BUSY),
        nanos(seconds, Measure.WORKER_KV_LOAD_WAIT),
        nanos(seconds, Measure.WORKER_PREFILL),
        nanos(seconds, Measure.WORKER_FIRST_SAMPLE),
        nanos(seconds, Measure.WORKER_TTFT),
        nanos(seconds, Measure.WORKER_DECODE));
  }

  private static long nanos(JsonValue seconds, Measure measure) {
    return Json.nanos(seconds.number(measure.key()));
  }

  private static CallTimes readMoments(JsonValue nanos) {
    return new CallTimes(
        nanos.longInteger("intended"),
        nanos.longInteger("sent"),
        nanos.longInteger("headers"),
        nanos.longInteger("first_message"),
        ImmutableLongArray.copyOf(nanos.list("tokens", JsonValue::longInteger)),
        nanos.longInteger("closed"));
  }

  /** Times of a call on the orchestrator's monotonic clock, in nanoseconds. */
  private static ObjectNode moments(CallTimes times) {
    ObjectNode json = Json.object();
    json.put("intended", times.intendedNanos());
    json.put("sent", times.sentNanos());
    json.put("headers", times.headersNanos());
    json.put("first_message", times.firstMessageNanos());
    json.put("first_token", times.firstTokenNanos());
    json.put("last_token", times.lastTokenNanos());
    times.tokenNanos().forEach(json.putArray("tokens")::add);
    json.put("closed", times.closedNanos());
    return json;
  }

  static ObjectNode collect(Collect collect) {
    ObjectNode json = Json.object();
    json.put("chunks", collect.chunkCount());
    json.put("hits", collect.hitCount());
    json.put("tokens", collect.tokenCount());
    json.put("bytes", collect.byteCount());
    json.set("client_seconds", Json.seconds(collect.clientNanos()));
    json.set("worker_seconds", Json.seconds(collect.workerNanos()));
    return json;
  }

  static Collect readCollect(JsonValue json) {
    return new Collect(
        json.integer("chunks"),
        json.integer("hits"),
        json.integer("tokens"),
        json.longInteger("bytes"),
        Json.nanos(json.number("client_seconds")),
        Json.nanos(json.number("worker_seconds")));
  }

  /** State of the device after a block. */
  static void device(ObjectNode row, DeviceState device) {
    row.set("throttled_by", Json.strings(device.throttledBy()));
    row.set(
        "device_statistics",
        device.statistics().isEmpty() ? NullNode.getInstance() : Json.tree(device.statistics()));
  }

  static DeviceState readDevice(JsonValue row) {
    return new DeviceState(
        row.list("throttled_by", JsonValue::text),
        row.find("device_statistics")
            .map(statistics -> Json.map(statistics.node()))
            .orElse(DeviceState.UNKNOWN.statistics()));
  }
}
