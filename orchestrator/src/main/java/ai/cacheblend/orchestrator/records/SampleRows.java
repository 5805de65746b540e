package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.Origin;
import ai.cacheblend.orchestrator.run.SampleResult;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code samples.jsonl}: one row per sample. */
final class SampleRows implements RecordFolder.Format<SampleResult> {
  static final String FILE = "samples.jsonl";

  private final String planId;

  SampleRows(QualityPlan plan) {
    this.planId = PlanJson.id(PlanJson.of(plan));
  }

  @Override
  public String file() {
    return FILE;
  }

  @Override
  public List<ObjectNode> rows(SampleResult sample) {
    ObjectNode json = Json.object();
    json.put("plan_id", planId);
    json.put("session", sample.origin().session());
    json.put("block", sample.index());
    json.put("id", sample.id());
    json.put("type", sample.type());
    json.put("worker", sample.worker());
    json.put("device", sample.origin().device());
    json.put("started_at", sample.startedAt().toString());
    json.put("valid", sample.valid());
    json.put("problem", sample.problem().orElse(null));
    json.put("worker_lost", sample.workerLost());
    AnswerJson.device(json, sample.device());
    json.put("prompt_hash", sample.promptHash());
    json.put("prompt_tokens", sample.promptTokenCount());
    json.put("cached_tokens", sample.cachedTokenCount());
    json.set("references", Json.strings(sample.references()));
    sample.collect().ifPresent(collect -> json.set("collect", collect(collect)));
    ObjectNode answers = json.putObject("answers");
    sample.answers().forEach(answer -> answers.set(answer.arm(), answer(answer)));
    return List.of(json);
  }

  private static ObjectNode collect(SampleResult.Collect collect) {
    ObjectNode json = Json.object();
    json.put("chunks", collect.chunkCount());
    json.put("hits", collect.hitCount());
    json.set("client_seconds", Json.seconds(collect.clientNanos()));
    json.set("worker_seconds", Json.seconds(collect.workerNanos()));
    return json;
  }

  private static ObjectNode answer(SampleResult.Answer answer) {
    ObjectNode json = Json.object();
    json.put("order", answer.order());
    json.put("started_at", answer.startedAt().toString());
    ObjectNode scores = json.putObject("scores");
    answer.scores().forEach((metric, score) -> scores.set(metric, Json.number(score)));
    json.put("scored_text", answer.scoredText());
    json.put("text", answer.result().text());
    json.set("token_ids", Json.ints(answer.result().tokenIds().asList()));
    json.put("new_tokens", answer.result().newTokenCount());
    json.put("reason", answer.result().reason());
    json.put("problem", answer.problem().orElse(null));
    json.set("rows", AnswerJson.rows(answer.result().rows()));
    json.set("expected_rows", AnswerJson.rows(answer.expected()));
    json.set("seconds", AnswerJson.timings(answer.result()));
    json.set("moments_nanos", AnswerJson.moments(answer.result().times()));
    return json;
  }

  @Override
  public Object block(JsonNode row) {
    return List.of(row.required("session").intValue(), row.required("block").intValue());
  }

  @Override
  public Object identity(SampleResult sample) {
    return sample.index();
  }

  @Override
  public boolean counts(SampleResult sample) {
    return true;
  }

  /** The sample of its row; empty if no worker was left to answer it. */
  @Override
  public Optional<SampleResult> read(List<JsonNode> rows) {
    JsonNode row = rows.get(0);
    if (row.required("worker_lost").booleanValue()) {
      return Optional.empty();
    }
    List<String> references = new ArrayList<>();
    row.required("references").forEach(reference -> references.add(reference.asText()));
    List<SampleResult.Answer> answers = new ArrayList<>();
    row.required("answers")
        .properties()
        .forEach(answer -> answers.add(readAnswer(answer.getKey(), answer.getValue())));
    return Optional.of(
        new SampleResult(
            row.required("block").intValue(),
            row.required("id").asText(),
            row.required("type").asText(),
            references,
            new Origin(
                row.required("session").intValue(),
                row.required("worker").asText(),
                row.required("device").asText()),
            Instant.parse(row.required("started_at").asText()),
            row.required("prompt_hash").asText(),
            row.required("prompt_tokens").intValue(),
            row.required("cached_tokens").intValue(),
            Optional.ofNullable(row.get("collect")).map(SampleRows::readCollect),
            answers,
            Optional.ofNullable(row.required("problem").textValue()),
            false,
            AnswerJson.readDevice(row)));
  }

  private static SampleResult.Collect readCollect(JsonNode json) {
    return new SampleResult.Collect(
        json.required("chunks").intValue(),
        json.required("hits").intValue(),
        Json.nanos(json.required("client_seconds")),
        Json.nanos(json.required("worker_seconds")));
  }

  private static SampleResult.Answer readAnswer(String arm, JsonNode json) {
    Map<String, Double> scores = new LinkedHashMap<>();
    json.required("scores")
        .properties()
        .forEach(score -> scores.put(score.getKey(), score.getValue().doubleValue()));
    return new SampleResult.Answer(
        arm,
        json.required("order").intValue(),
        Instant.parse(json.required("started_at").asText()),
        json.required("scored_text").asText(),
        scores,
        AnswerJson.readRows(json.required("expected_rows")),
        AnswerJson.read(json),
        Optional.ofNullable(json.required("problem").textValue()));
  }
}
