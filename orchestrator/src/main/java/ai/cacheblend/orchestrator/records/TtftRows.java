package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.run.Origin;
import ai.cacheblend.orchestrator.run.TtftTrial;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code trials.jsonl}: one row per arm of a trial. */
final class TtftRows implements RecordFolder.Format<TtftTrial> {
  static final String FILE = "trials.jsonl";

  private final TtftPlan plan;
  private final String planId;

  TtftRows(TtftPlan plan) {
    this.plan = plan;
    this.planId = PlanJson.id(PlanJson.of(plan));
  }

  @Override
  public String file() {
    return FILE;
  }

  @Override
  public List<ObjectNode> rows(TtftTrial trial) {
    List<ObjectNode> rows = new ArrayList<>();
    for (TtftTrial.Run run : trial.runs()) {
      ObjectNode json = Json.object();
      json.put("plan_id", planId);
      json.put("session", trial.origin().session());
      json.put("phase", trial.phase().name().toLowerCase(Locale.ROOT));
      boolean measured = trial.phase() == TtftTrial.Phase.MEASURED;
      json.put("block", measured ? (Integer) plan.block(trial.length(), trial.trial()) : null);
      json.put("length", trial.length());
      json.put("trial", trial.trial());
      json.put("arm", run.arm());
      json.put("order", run.order());
      json.put("worker", trial.worker());
      json.put("device", trial.origin().device());
      json.put("started_at", run.startedAt().toString());
      json.put("valid", trial.valid());
      json.put("problem", run.problem().orElse(null));
      json.put("worker_lost", trial.workerLost());
      AnswerJson.device(json, trial.device());
      json.put("prompt_hash", trial.promptHash());
      json.set("expected_rows", AnswerJson.rows(run.expected()));
      run.result().ifPresent(result -> answer(json, result));
      trial.collect().ifPresent(collect -> json.set("collect", collect(collect)));
      rows.add(json);
    }
    return rows;
  }

  private static void answer(ObjectNode json, GenerateResult result) {
    json.set("rows", AnswerJson.rows(result.rows()));
    json.set("seconds", AnswerJson.timings(result));
    json.set("moments_nanos", AnswerJson.moments(result.times()));
    json.put("new_tokens", result.newTokenCount());
    json.put("reason", result.reason());
    json.set("token_ids", Json.ints(result.tokenIds().asList()));
  }

  private static ObjectNode collect(TtftTrial.Collect collect) {
    ObjectNode json = Json.object();
    json.put("chunks", collect.chunkCount());
    json.put("tokens", collect.tokenCount());
    json.put("bytes", collect.byteCount());
    json.set("client_seconds", Json.seconds(collect.clientNanos()));
    json.set("worker_seconds", Json.seconds(collect.workerNanos()));
    return json;
  }

  /** Rows of one trial stand together under it. */
  @Override
  public Object block(JsonNode row) {
    return List.of(
        row.required("session").intValue(),
        row.required("phase").asText(),
        row.required("worker").asText(),
        row.required("length").intValue(),
        row.required("trial").intValue());
  }

  @Override
  public Object identity(TtftTrial trial) {
    return trial.phase() == TtftTrial.Phase.MEASURED
        ? plan.block(trial.length(), trial.trial())
        : List.of(trial.origin(), trial.length(), trial.trial());
  }

  @Override
  public boolean counts(TtftTrial trial) {
    return trial.phase() == TtftTrial.Phase.MEASURED;
  }

  /** The trial of all its rows; empty if some are missing, or it lost its worker. */
  @Override
  public Optional<TtftTrial> read(List<JsonNode> rows) {
    JsonNode first = rows.get(0);
    if (rows.size() != plan.arms().size() || first.required("worker_lost").booleanValue()) {
      return Optional.empty();
    }
    return Optional.of(
        new TtftTrial(
            TtftTrial.Phase.valueOf(first.required("phase").asText().toUpperCase(Locale.ROOT)),
            first.required("length").intValue(),
            first.required("trial").intValue(),
            new Origin(
                first.required("session").intValue(),
                first.required("worker").asText(),
                first.required("device").asText()),
            first.required("prompt_hash").asText(),
            Optional.ofNullable(first.get("collect")).map(TtftRows::readCollect),
            rows.stream().map(TtftRows::readRun).toList(),
            false,
            AnswerJson.readDevice(first)));
  }

  private static TtftTrial.Run readRun(JsonNode row) {
    return new TtftTrial.Run(
        row.required("arm").asText(),
        row.required("order").intValue(),
        Instant.parse(row.required("started_at").asText()),
        AnswerJson.readRows(row.required("expected_rows")),
        row.has("rows") ? Optional.of(AnswerJson.read(row)) : Optional.empty(),
        Optional.ofNullable(row.required("problem").textValue()));
  }

  private static TtftTrial.Collect readCollect(JsonNode json) {
    return new TtftTrial.Collect(
        json.required("chunks").intValue(),
        json.required("tokens").intValue(),
        json.required("bytes").longValue(),
        Json.nanos(json.required("client_seconds")),
        Json.nanos(json.required("worker_seconds")));
  }
}
