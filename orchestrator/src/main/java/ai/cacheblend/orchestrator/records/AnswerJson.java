package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.List;

/** Parts of an answer that several results share. */
public final class AnswerJson {
  private AnswerJson() {}

  /** Row counts. */
  public static ObjectNode rows(RowCounts rows) {
    ObjectNode json = Json.object();
    json.put("prompt", rows.promptTokenCount());
    json.put("reused", rows.reusedTokenCount());
    json.put("recomputed", rows.recomputedTokenCount());
    json.put("computed", rows.computedTokenCount());
    return json;
  }

  /** Durations in seconds, as the client and as the worker saw them. */
  public static ObjectNode timings(GenerateResult result) {
    CallTimes times = result.times();
    ObjectNode json = Json.object();
    json.set("client_ttft", Json.seconds(result.clientTtftNanos()));
    json.set("client_headers", Json.seconds(times.headersNanos() - times.sentNanos()));
    json.set("client_first_message", Json.seconds(times.firstMessageNanos() - times.sentNanos()));
    json.set("client_last_token", Json.seconds(times.lastTokenNanos() - times.sentNanos()));
    json.set("client_closed", Json.seconds(times.closedNanos() - times.sentNanos()));
    GenerateResult.WorkerDurations worker = result.workerDurations();
    json.set("worker_ttft", Json.seconds(worker.ttftNanos()));
    json.set("worker_queue", Json.seconds(worker.queueNanos()));
    json.set("worker_kv_load", Json.seconds(worker.kvLoadNanos()));
    json.set("worker_prefill", Json.seconds(worker.prefillNanos()));
    json.set("worker_first_sample", Json.seconds(worker.firstSampleNanos()));
    json.set("worker_decode", Json.seconds(worker.decodeNanos()));
    return json;
  }

  /** What a record says of an answer; what records do not hold is empty. */
  static GenerateResult read(JsonNode json) {
    ImmutableIntArray.Builder tokenIds = ImmutableIntArray.builder();
    json.required("token_ids").forEach(id -> tokenIds.add(id.intValue()));
    return new GenerateResult(
        tokenIds.build(),
        json.path("text").asText(),
        json.required("reason").asText(),
        json.required("new_tokens").intValue(),
        readRows(json.required("rows")),
        readDurations(json.required("seconds")),
        readMoments(json.required("moments_nanos")),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of());
  }

  static RowCounts readRows(JsonNode json) {
    return new RowCounts(
        json.required("prompt").intValue(),
        json.required("reused").intValue(),
        json.required("recomputed").intValue(),
        json.required("computed").intValue());
  }

  private static GenerateResult.WorkerDurations readDurations(JsonNode seconds) {
    return new GenerateResult.WorkerDurations(
        Json.nanos(seconds.required("worker_queue")),
        Json.nanos(seconds.required("worker_kv_load")),
        Json.nanos(seconds.required("worker_prefill")),
        Json.nanos(seconds.required("worker_first_sample")),
        Json.nanos(seconds.required("worker_ttft")),
        Json.nanos(seconds.required("worker_decode")));
  }

  private static CallTimes readMoments(JsonNode nanos) {
    return new CallTimes(
        nanos.required("intended").longValue(),
        nanos.required("sent").longValue(),
        nanos.required("headers").longValue(),
        nanos.required("first_message").longValue(),
        tokenNanos(nanos.required("tokens")),
        nanos.required("closed").longValue());
  }

  private static ImmutableLongArray tokenNanos(JsonNode tokens) {
    ImmutableLongArray.Builder nanos = ImmutableLongArray.builder();
    tokens.forEach(token -> nanos.add(token.longValue()));
    return nanos.build();
  }

  /** The moments of a call on this process's monotonic clock, in nanoseconds. */
  static ObjectNode moments(CallTimes times) {
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

  /** How the device was doing behind a block. */
  static void device(ObjectNode row, DeviceState device) {
    row.set("throttled_by", Json.strings(device.throttledBy()));
    row.set(
        "device_figures",
        device.statistics().isEmpty() ? NullNode.getInstance() : Json.tree(device.statistics()));
  }

  /** Rows of older versions do not tell, or only what throttled it. */
  static DeviceState readDevice(JsonNode row) {
    List<String> throttledBy = new ArrayList<>();
    row.path("throttled_by").forEach(reason -> throttledBy.add(reason.asText()));
    return new DeviceState(throttledBy, Json.map(row.path("device_figures")));
  }
}
