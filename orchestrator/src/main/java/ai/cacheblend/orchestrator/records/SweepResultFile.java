package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.SweepPlan;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/** Reads and writes {@code result.json} of a sweep. */
final class SweepResultFile {
  private static final String TIERS = "tiers";
  private static final String TTFT_CHARGED_BUDGET = "ttft_charged_budget";

  private SweepResultFile() {}

  static ObjectNode json(
      SweepPlan plan,
      PlanFile file,
      Environment environment,
      List<String> parts,
      SweepSummary summary) {
    ObjectNode json = Json.object();
    json.put("benchmark", "sweep");
    json.put(RecordFormat.FIELD, RecordFormat.VERSION);
    json.put("plan_id", file.planId());
    json.set("parts", Json.strings(parts));
    json.put("complete", summary.complete());
    ArrayNode points = json.putArray("points");
    summary.points().forEach(point -> points.add(point(point)));
    if (!summary.tiers().isEmpty()) {
      ArrayNode tiers = json.putArray(TIERS);
      summary.tiers().forEach(point -> tiers.add(point.json()));
    }
    ArrayNode rankings = json.putArray("rankings");
    summary.rankings().forEach(ranking -> rankings.add(ranking.json()));
    summary.recommendation().ifPresent(of -> json.set("recommendation", of.json()));
    json.set("plan", PlanJson.of(plan));
    json.set("environment", environment.toJson());
    return json;
  }

  private static ObjectNode point(SweepSummary.Point point) {
    ObjectNode json = Json.object();
    json.put("arm", point.arm());
    point.shape().write(json);
    json.put("dataset", point.dataset());
    json.put("metric", point.metric());
    json.set(QualityResultFile.CHARGED_BUDGET, Json.number(point.chargedBudget()));
    json.set(TTFT_CHARGED_BUDGET, Json.number(point.ttftChargedBudget()));
    json.set(Measure.CLIENT_TTFT.key(), point.clientTtft().json());
    point.speedUp().ifPresent(speedUp -> json.set(Measure.SPEEDUP.key(), speedUp.json()));
    json.set(Measure.SCORE.key(), point.score().json());
    point
        .armMinusFullPrefill()
        .ifPresent(difference -> json.set(ScoreDifference.KEY, difference.json()));
    point.retention().ifPresent(retention -> json.set(Retention.KEY, retention.json()));
    json.put("frontier", point.onFrontier());
    json.put("frontier_resolved", point.resolved());
    return json;
  }

  static SweepResult read(Path folder, JsonValue json) {
    return new SweepResult(
        RunHeader.read(folder, json),
        new SweepSummary(
            json.list("points", SweepResultFile::readPoint),
            json.has(TIERS) ? json.list(TIERS, TierPoint::read) : List.of(),
            json.has("rankings") ? json.list("rankings", SelectorRanking::read) : List.of(),
            json.find("recommendation").map(Recommendation::read),
            json.bool("complete")),
        json.list("parts", JsonValue::text));
  }

  private static SweepSummary.Point readPoint(JsonValue json) {
    return new SweepSummary.Point(
        json.text("arm"),
        SweepSummary.Shape.read(json),
        json.text("dataset"),
        json.text("metric"),
        json.numberOrNan(QualityResultFile.CHARGED_BUDGET),
        json.numberOrNan(TTFT_CHARGED_BUDGET),
        Statistics.read(json.get(Measure.CLIENT_TTFT.key())),
        json.find(Measure.SPEEDUP.key()).map(SpeedUpStatistics::read),
        Statistics.read(json.get(Measure.SCORE.key())),
        json.find(ScoreDifference.KEY).map(ScoreDifference::read),
        json.find(Retention.KEY).map(Retention::read),
        json.bool("frontier"),
        json.bool("frontier_resolved"));
  }
}
