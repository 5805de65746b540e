package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.GenerateResult.WorkerDurations;
import ai.cacheblend.orchestrator.client.StepCounts;
import ai.cacheblend.orchestrator.plan.LoadPoint;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableLongArray;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The rows of {@code requests.jsonl} and {@code slices.jsonl}. */
final class LoadRows {
  private LoadRows() {}

  static ObjectNode slice(String planId, LoadSlice slice) {
    ObjectNode json = key(planId, slice.key());
    json.put("session", slice.session());
    json.put("order", slice.key().order());
    json.put("started_at", slice.startedAt().toString());
    json.put("requests", slice.requests().size());
    ObjectNode window = json.putObject("window_nanos");
    window.put("begin", slice.window().beginNanos());
    window.put("end", slice.window().endNanos());
    json.put("ended_early", slice.endedEarly());
    json.put("background_requests", slice.background().requests());
    json.put("background_seconds", slice.background().seconds());
    json.set("precollect_seconds", Json.seconds(slice.precollectNanos()));
    json.set("machine", slice.machine().json());
    json.set("steps", steps(slice.steps()));
    json.put("problem", slice.problem().orElse(null));
    return json;
  }

  private static ObjectNode steps(StepCounts steps) {
    ObjectNode json = Json.object();
    json.put("count", steps.steps());
    json.put("rows", steps.rows());
    json.put("sequences", steps.sequences());
    steps.bySequences().forEach(json.putArray("by_sequences")::add);
    steps.byRows().forEach(json.putArray("by_rows")::add);
    return json;
  }

  private static StepCounts readSteps(JsonValue json) {
    return new StepCounts(
        json.longInteger("count"),
        json.longInteger("rows"),
        json.longInteger("sequences"),
        ImmutableLongArray.copyOf(json.list("by_sequences", JsonValue::longInteger)),
        ImmutableLongArray.copyOf(json.list("by_rows", JsonValue::longInteger)));
  }

  private static ObjectNode key(String planId, LoadSlice.Key key) {
    ObjectNode json = Json.object();
    json.put("plan_id", planId);
    json.put("level", key.level());
    json.put("arm", key.arm());
    json.put(key.point().kind().key(), key.point().value());
    json.put("slice", key.slice());
    return json;
  }

  /** The key of a row; rows of requests have no order. */
  static LoadSlice.Key readKey(JsonValue row) {
    return new LoadSlice.Key(
        row.integer("level"),
        readPoint(row),
        row.integer("slice"),
        row.text("arm"),
        row.has("order") ? row.integer("order") : 0);
  }

  static LoadPoint readPoint(JsonValue json) {
    return Stream.of(LoadPoint.Kind.values())
        .filter(kind -> json.has(kind.key()))
        .findFirst()
        .map(kind -> new LoadPoint(kind, json.number(kind.key())))
        .orElseThrow(() -> new RecordException(json.place() + " has no field rate or concurrency"));
  }

  static LoadSlice readSlice(JsonValue row, List<LoadRequest> requests) {
    JsonValue window = row.get("window_nanos");
    return new LoadSlice(
        readKey(row),
        row.integer("session"),
        Instant.parse(row.text("started_at")),
        new LoadSlice.Window(window.longInteger("begin"), window.longInteger("end")),
        row.bool("ended_early"),
        new LoadSlice.Background(
            row.integer("background_requests"), row.number("background_seconds")),
        Json.nanos(row.number("precollect_seconds")),
        MachineLoad.read(row.get("machine")),
        readSteps(row.get("steps")),
        row.findText("problem"),
        requests);
  }

  static ObjectNode request(String planId, LoadSlice.Key key, LoadRequest request) {
    ObjectNode json = key(planId, key);
    json.put("index", request.index());
    json.put("phase", request.phase().key());
    json.put("worker", request.workerName());
    json.put("outcome", request.outcome().name().toLowerCase(Locale.ROOT));
    json.put("problem", request.problem().orElse(null));
    json.put("prompt_tokens", request.promptTokens());
    json.put("new_tokens", request.newTokens());
    json.put("chunks", request.reuse().chunks());
    json.put("misses", request.reuse().misses());
    json.put("retries", request.reuse().retries());
    json.set("seconds", seconds(request));
    json.set("moments_nanos", moments(request.moments()));
    request.rows().ifPresent(rows -> json.set("rows", AnswerJson.rows(rows)));
    return json;
  }

  private static ObjectNode seconds(LoadRequest request) {
    ObjectNode json = Json.object();
    json.set("send_lag", Json.number(request.lagSeconds()));
    if (request.ok()) {
      json.set("ttft", Json.number(request.ttftSeconds()));
      request.tpotSeconds().ifPresent(tpot -> json.set("tpot", Json.number(tpot)));
      json.set("e2e", Json.number(request.e2eSeconds()));
    }
    request
        .worker()
        .ifPresent(
            worker -> {
              json.set(Measure.WORKER_QUEUE.key(), Json.seconds(worker.queueNanos()));
              json.set(Measure.WORKER_TTFT.key(), Json.seconds(worker.ttftNanos()));
              json.set(Measure.WORKER_PREFILL.key(), Json.seconds(worker.prefillNanos()));
              json.set(Measure.WORKER_FIRST_SAMPLE.key(), Json.seconds(worker.firstSampleNanos()));
              json.set(Measure.WORKER_KV_LOAD_BUSY.key(), Json.seconds(worker.kvLoadBusyNanos()));
              json.set(Measure.WORKER_KV_LOAD_WAIT.key(), Json.seconds(worker.kvLoadWaitNanos()));
              json.set(Measure.WORKER_DECODE.key(), Json.seconds(worker.decodeNanos()));
            });
    return json;
  }

  private static ObjectNode moments(LoadRequest.Moments moments) {
    ObjectNode json = Json.object();
    json.put("intended", moments.intended());
    json.put("sent", moments.sent());
    json.put("generate_sent", moments.generateSent());
    moments.tokens().forEach(json.putArray("tokens")::add);
    json.put("ended", moments.ended());
    return json;
  }

  static LoadRequest readRequest(JsonValue row) {
    JsonValue moments = row.get("moments_nanos");
    return new LoadRequest(
        row.integer("index"),
        Phase.valueOf(
            row.oneOf("phase", Phase.WARMUP.key(), Phase.MEASURED.key()).toUpperCase(Locale.ROOT)),
        row.text("worker"),
        LoadRequest.Outcome.valueOf(
            row.oneOf("outcome", "ok", "refused", "timeout", "failed").toUpperCase(Locale.ROOT)),
        row.findText("problem"),
        new LoadRequest.Moments(
            moments.longInteger("intended"),
            moments.longInteger("sent"),
            moments.longInteger("generate_sent"),
            ImmutableLongArray.copyOf(moments.list("tokens", JsonValue::longInteger)),
            moments.longInteger("ended")),
        row.integer("prompt_tokens"),
        new LoadRequest.Reuse(row.integer("chunks"), row.integer("misses"), row.integer("retries")),
        row.find("rows").map(AnswerJson::readRows),
        readWorker(row.get("seconds")));
  }

  private static Optional<WorkerDurations> readWorker(JsonValue seconds) {
    return seconds.has(Measure.WORKER_QUEUE.key())
        ? Optional.of(
            new WorkerDurations(
                nanos(seconds, Measure.WORKER_QUEUE),
                nanos(seconds, Measure.WORKER_KV_LOAD_BUSY),
                nanos(seconds, Measure.WORKER_KV_LOAD_WAIT),
                nanos(seconds, Measure.WORKER_PREFILL),
                nanos(seconds, Measure.WORKER_FIRST_SAMPLE),
                nanos(seconds, Measure.WORKER_TTFT),
                nanos(seconds, Measure.WORKER_DECODE)))
        : Optional.empty();
  }

  private static long nanos(JsonValue seconds, Measure measure) {
    return Json.nanos(seconds.number(measure.key()));
  }
}
