package ai.cacheblend.orchestrator.report;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import com.fasterxml.jackson.databind.node.ObjectNode;

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

  /** The moments of a call on this process's monotonic clock, in nanoseconds. */
  static ObjectNode moments(CallTimes times) {
    ObjectNode json = Json.object();
    json.put("sent", times.sentNanos());
    json.put("headers", times.headersNanos());
    json.put("first_message", times.firstMessageNanos());
    json.put("first_token", times.firstTokenNanos());
    json.put("last_token", times.lastTokenNanos());
    json.put("closed", times.closedNanos());
    return json;
  }
}
