package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.TtftPlan;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes {@code result.json} of a TTFT run. */
final class TtftResultFile {
  private TtftResultFile() {}

  static ObjectNode json(
      TtftPlan plan,
      PlanFile file,
      Environment environment,
      TtftSummary summary,
      List<Trial> trials) {
    ObjectNode json = Json.object();
    json.put("benchmark", "ttft");
    json.put(RecordFormat.FIELD, RecordFormat.VERSION);
    json.put("plan_id", file.planId());
    ArrayNode rows = json.putArray("rows");
    summary.rows().forEach(row -> rows.add(row(plan, row)));
    json.set("warnings", Json.strings(summary.warnings()));
    ArrayNode warmUps = json.putArray("warmup");
    summary.warmUps().forEach(report -> warmUps.add(report.json()));
    json.set("invalid_runs", invalidRuns(plan, trials));
    json.set("sessions", file.sessionsJson());
    json.set("plan", PlanJson.of(plan));
    json.set("environment", environment.toJson());
    return json;
  }

  private static ObjectNode row(TtftPlan plan, TtftSummary.Row row) {
    ObjectNode json = Json.object();
    json.put("length", row.length());
    json.put("n", row.n());
    json.put("invalid", row.invalid());
    plan.arms().forEach(arm -> addArm(json, arm.name(), row.arms().get(arm.name())));
    json.set("speedup", NullNode.getInstance());
    plan.headline()
        .map(arm -> row.arms().get(arm.name()))
        .flatMap(TtftSummary.Arm::speedUp)
        .ifPresent(speedUp -> addSpeedUp(json, "speedup", speedUp));
    for (Map.Entry<String, TtftSummary.Arm> arm : row.arms().entrySet()) {
      arm.getValue()
          .speedUp()
          .ifPresent(speedUp -> addSpeedUp(json, arm.getKey() + "_speedup", speedUp));
    }
    row.collect().ifPresent(collect -> addStatistics(json, "collect", collect));
    row.collect().ifPresent(collect -> json.set("collect", collect.json()));
    ObjectNode arms = json.putObject("arms");
    row.arms().forEach((name, arm) -> arms.set(name, arm(arm)));
    return json;
  }

  private static void addArm(ObjectNode json, String name, TtftSummary.Arm arm) {
    if (arm == null) {
      json.set(name + "_mean", NullNode.getInstance());
      json.set(name + "_std", NullNode.getInstance());
      return;
    }
    addStatistics(json, name, arm.clientTtft());
    addStatistics(json, "worker_" + name, arm.workerTtft());
  }

  private static void addStatistics(ObjectNode json, String name, Statistics statistics) {
    json.set(name + "_mean", Json.number(statistics.mean()));
    json.set(name + "_std", Json.number(statistics.std()));
    json.set(name + "_min", Json.number(statistics.min()));
    json.set(name + "_median", Json.number(statistics.median()));
    json.set(name + "_max", Json.number(statistics.max()));
  }

  private static void addSpeedUp(ObjectNode json, String name, SpeedUpStatistics speedUp) {
    json.set(name, Json.number(speedUp.ratioOfMeans()));
    json.set(name + "_geometric_mean", Json.number(speedUp.geometricMean()));
    json.set(name + "_low95", Json.number(speedUp.low95()));
    json.set(name + "_high95", Json.number(speedUp.high95()));
  }

  private static ObjectNode arm(TtftSummary.Arm arm) {
    ObjectNode json = Json.object();
    arm.times().forEach((measure, statistics) -> json.set(measure.key(), statistics.json()));
    json.set(QualityResultFile.CHARGED_BUDGET, Json.number(arm.chargedBudget()));
    arm.speedUp().ifPresent(speedUp -> json.set(Measure.SPEEDUP.key(), speedUp.json()));
    ArrayNode outliers = json.putArray("outliers");
    for (TtftSummary.Outlier outlier : arm.outliers()) {
      ObjectNode of = outliers.addObject();
      of.put("block", outlier.block());
      of.put("trial", outlier.trial());
      of.set("seconds", Json.number(outlier.seconds()));
      of.put("reason", outlier.reason());
    }
    return json;
  }

  private static ArrayNode invalidRuns(TtftPlan plan, List<Trial> trials) {
    ArrayNode array = Json.array();
    for (Trial trial : trials) {
      for (ArmRun run : trial.armRuns()) {
        if (trial.measured() && !run.valid()) {
          ObjectNode json = array.addObject();
          json.put("block", plan.block(trial.length(), trial.trial()));
          json.put("length", trial.length());
          json.put("trial", trial.trial());
          json.put("arm", run.arm());
          json.put("worker", trial.worker());
          json.put("problem", run.problem().orElseThrow());
        }
      }
    }
    return array;
  }

  static TtftResult read(Path folder, JsonValue json) {
    return new TtftResult(
        RunHeader.read(folder, json),
        new TtftSummary(
            json.list("rows", TtftResultFile::readRow),
            json.list("warmup", WarmUpReport::read),
            json.list("warnings", JsonValue::text)),
        TrialsFile.reader().read(folder).blocks(),
        ExampleFile.read(folder));
  }

  private static TtftSummary.Row readRow(JsonValue json) {
    return new TtftSummary.Row(
        json.integer("length"),
        json.integer("n"),
        json.integer("invalid"),
        json.map("arms", TtftResultFile::readArm),
        json.find("collect").map(Statistics::read));
  }

  private static TtftSummary.Arm readArm(JsonValue json) {
    Map<Measure, Statistics> times = new LinkedHashMap<>();
    for (Measure measure : Measure.summarized()) {
      times.put(measure, Statistics.read(json.get(measure.key())));
    }
    return new TtftSummary.Arm(
        times,
        json.numberOrNan(QualityResultFile.CHARGED_BUDGET),
        json.find(Measure.SPEEDUP.key()).map(SpeedUpStatistics::read),
        json.list("outliers", TtftResultFile::readOutlier));
  }

  private static TtftSummary.Outlier readOutlier(JsonValue json) {
    return new TtftSummary.Outlier(
        json.integer("block"), json.integer("trial"), json.number("seconds"), json.text("reason"));
  }
}
