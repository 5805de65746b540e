package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.GenerateResult;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reads and writes {@code samples.jsonl}: one row per sample. */
final class SamplesFile extends BlockFile<Sample> {
  static final String NAME = "samples.jsonl";

  private final String planId;

  SamplesFile(String planId) {
    this.planId = planId;
  }

  /** For reading only. */
  static SamplesFile reader() {
    return new SamplesFile("");
  }

  @Override
  String name() {
    return NAME;
  }

  @Override
  List<ObjectNode> rows(Sample sample) {
    ObjectNode json = Json.object();
    json.put("plan_id", planId);
    json.put("session", sample.origin().session());
    json.put("block", sample.index());
    json.put("id", sample.id());
    json.put("type", sample.type());
    json.put("question", sample.question());
    json.put("worker", sample.worker());
    json.put("device", sample.origin().device());
    json.put("started_at", sample.startedAt().toString());
    json.put("valid", sample.valid());
    json.put("problem", sample.problem().orElse(null));
    json.put("worker_lost", sample.workerLost());
    AnswerJson.device(json, sample.device());
    sample.load().write(json);
    json.put("prompt_hash", sample.promptHash());
    json.put("prompt_tokens", sample.promptTokenCount());
    json.put("cached_tokens", sample.cachedTokenCount());
    json.put("documents_left_out", sample.documentsLeftOut());
    sample.retrieved().ifPresent(retrieved -> json.set("retrieved", retrieved.json()));
    json.set("references", Json.strings(sample.references()));
    sample.collect().ifPresent(collect -> json.set("collect", AnswerJson.collect(collect)));
    ObjectNode answers = json.putObject("answers");
    sample.armRuns().forEach(run -> answers.set(run.arm(), json(run)));
    return List.of(json);
  }

  private static ObjectNode json(ArmRun run) {
    GenerateResult answer = run.answer().orElseThrow();
    ArmRun.Score score = run.score().orElseThrow();
    ObjectNode json = Json.object();
    json.put("order", run.order());
    json.put("started_at", run.startedAt().toString());
    ObjectNode scores = json.putObject("scores");
    score.byMetric().forEach((metric, value) -> scores.set(metric, Json.number(value)));
    json.put("scored_text", score.text());
    json.put("text", answer.text());
    json.put("problem", run.problem().orElse(null));
    json.set("expected_rows", AnswerJson.rows(run.expectedRows()));
    AnswerJson.write(json, answer);
    return json;
  }

  @Override
  Object blockKey(JsonValue row) {
    return List.of(row.integer("session"), row.integer("block"));
  }

  @Override
  Sample block(List<JsonValue> rows) {
    JsonValue row = rows.get(0);
    return new Sample(
        row.integer("block"),
        row.text("id"),
        row.text("type"),
        row.findText("question").orElse(""),
        row.list("references", JsonValue::text),
        new Origin(row.integer("session"), row.text("worker"), row.text("device")),
        Instant.parse(row.text("started_at")),
        row.text("prompt_hash"),
        row.integer("prompt_tokens"),
        row.integer("cached_tokens"),
        row.integer("documents_left_out"),
        row.find("retrieved").map(Retrieved::read),
        row.find("collect").map(AnswerJson::readCollect),
        row.entries("answers", SamplesFile::armRun),
        row.findText("problem"),
        row.bool("worker_lost"),
        AnswerJson.readDevice(row),
        BlockLoad.read(row));
  }

  private static ArmRun armRun(String arm, JsonValue json) {
    return new ArmRun(
        arm,
        json.integer("order"),
        Instant.parse(json.text("started_at")),
        AnswerJson.readRows(json.get("expected_rows")),
        Optional.of(AnswerJson.read(json)),
        json.findText("problem"),
        Optional.of(
            new ArmRun.Score(json.text("scored_text"), json.map("scores", JsonValue::number))));
  }
}
