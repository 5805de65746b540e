package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Reads and writes {@code trials.jsonl}: one row per arm run of a trial. */
final class TrialsFile extends BlockFile<Trial> {
  static final String NAME = "trials.jsonl";

  private final String planId;
  private final ToIntFunction<Trial> blockNumber;

  /**
   * @param blockNumber of a measured trial
   */
  TrialsFile(String planId, ToIntFunction<Trial> blockNumber) {
    this.planId = planId;
    this.blockNumber = blockNumber;
  }

  /** For reading only. */
  static TrialsFile reader() {
    return new TrialsFile(
        "",
        trial -> {
          throw new UnsupportedOperationException("opened for reading");
        });
  }

  @Override
  String name() {
    return NAME;
  }

  @Override
  List<ObjectNode> rows(Trial trial) {
    List<ObjectNode> rows = new ArrayList<>();
    for (ArmRun run : trial.armRuns()) {
      ObjectNode json = Json.object();
      json.put("plan_id", planId);
      json.put("session", trial.origin().session());
      json.put("phase", trial.phase().key());
      json.put("block", trial.measured() ? (Integer) blockNumber.applyAsInt(trial) : null);
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
      trial.load().write(json);
      json.put("prompt_hash", trial.promptHash());
      json.set("expected_rows", AnswerJson.rows(run.expectedRows()));
      run.answer().ifPresent(answer -> AnswerJson.write(json, answer));
      trial.collect().ifPresent(collect -> json.set("collect", AnswerJson.collect(collect)));
      rows.add(json);
    }
    return rows;
  }

  @Override
  Object blockKey(JsonValue row) {
    return List.of(
        row.integer("session"),
        row.text("phase"),
        row.text("worker"),
        row.integer("length"),
        row.integer("trial"));
  }

  @Override
  Trial block(List<JsonValue> rows) {
    JsonValue first = rows.get(0);
    return new Trial(
        Phase.valueOf(
            first
                .oneOf("phase", Phase.WARMUP.key(), Phase.MEASURED.key())
                .toUpperCase(Locale.ROOT)),
        first.integer("length"),
        first.integer("trial"),
        new Origin(first.integer("session"), first.text("worker"), first.text("device")),
        first.text("prompt_hash"),
        first.find("collect").map(AnswerJson::readCollect),
        rows.stream().map(TrialsFile::armRun).toList(),
        first.bool("worker_lost"),
        AnswerJson.readDevice(first),
        BlockLoad.read(first));
  }

  private static ArmRun armRun(JsonValue row) {
    return new ArmRun(
        row.text("arm"),
        row.integer("order"),
        Instant.parse(row.text("started_at")),
        AnswerJson.readRows(row.get("expected_rows")),
        row.has("rows") ? Optional.of(AnswerJson.read(row)) : Optional.empty(),
        row.findText("problem"),
        Optional.empty());
  }
}
