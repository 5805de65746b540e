package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.run.SweepSummary;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A sweep as JSON: its points; everything else is in its parts. */
final class SweepJson {
  private SweepJson() {}

  static ObjectNode result(
      SweepPlan plan,
      PlanFile file,
      Environment environment,
      List<String> parts,
      SweepSummary summary) {
    ObjectNode json = Json.object();
    json.put("benchmark", "sweep");
    json.put("format_version", PlanFile.FORMAT_VERSION);
    json.put("plan_id", file.planId());
    json.set("parts", Json.strings(parts));
    json.put("complete", summary.complete());
    ArrayNode points = json.putArray("points");
    summary.points().forEach(point -> points.add(point(point)));
    json.set("plan", PlanJson.of(plan));
    json.set("environment", environment.toJson());
    return json;
  }

  private static ObjectNode point(SweepSummary.Point point) {
    ObjectNode json = Json.object();
    json.put("arm", point.arm());
    json.put("chunk_tokens", point.chunkTokens());
    json.put("chunks", point.chunkCount());
    json.put("length", point.length());
    json.put("dataset", point.data().dataset());
    json.put("metric", point.data().metric());
    json.set("client_ttft", StatisticsJson.of(point.speed().clientTtft()));
    point.speed().speedUp().ifPresent(s -> json.set("speedup", StatisticsJson.of(s)));
    json.set("score", StatisticsJson.of(point.quality().scores().get(point.data().metric())));
    point
        .quality()
        .comparison()
        .ifPresent(c -> json.set(QualityJson.DIFFERENCE, QualityJson.difference(point.data(), c)));
    json.put("frontier", point.place().onFrontier());
    json.put("frontier_resolved", point.place().resolved());
    return json;
  }
}
