package ai.cacheblend.orchestrator.report;

import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.run.TtftSummary;
import ai.cacheblend.orchestrator.run.TtftTrial;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A TTFT run as JSON. All durations are in seconds; std is the sample standard deviation. */
final class TtftJson {
  private TtftJson() {}

  static ObjectNode result(TtftPlan plan, Environment environment, TtftSummary summary) {
    ObjectNode json = Json.object();
    json.put("benchmark", "ttft");
    json.put("format_version", 1);
    ArrayNode rows = json.putArray("rows");
    summary.rows().forEach(row -> rows.add(row(plan, row)));
    json.set("plan", PlanJson.of(plan));
    json.set("environment", environment.toJson());
    return json;
  }

  private static ObjectNode row(TtftPlan plan, TtftSummary.Row row) {
    ObjectNode json = Json.object();
    json.put("length", row.length());
    json.put("n", row.validCount());
    json.put("invalid", row.invalidCount());
    plan.arms().forEach(arm -> arm(json, arm.name(), row.arms().get(arm.name())));
    json.set("speedup", NullNode.getInstance());
    plan.headline()
        .map(arm -> row.arms().get(arm.name()))
        .flatMap(TtftSummary.ArmFigures::speedUp)
        .ifPresent(speedUp -> speedUp(json, "speedup", speedUp));
    for (Map.Entry<String, TtftSummary.ArmFigures> arm : row.arms().entrySet()) {
      arm.getValue()
          .speedUp()
          .ifPresent(speedUp -> speedUp(json, arm.getKey() + "_speedup", speedUp));
    }
    row.collect().ifPresent(collect -> summary(json, "collect", collect));
    return json;
  }

  private static void arm(ObjectNode json, String name, TtftSummary.ArmFigures figures) {
    if (figures == null) {
      json.set(name + "_mean", NullNode.getInstance());
      json.set(name + "_std", NullNode.getInstance());
      return;
    }
    summary(json, name, figures.clientTtft());
    summary(json, "worker_" + name, figures.workerTtft());
  }

  private static void summary(ObjectNode json, String name, Summary summary) {
    json.set(name + "_mean", Json.number(summary.mean()));
    json.set(name + "_std", Json.number(summary.sampleStd()));
    json.set(name + "_min", Json.number(summary.min()));
    json.set(name + "_median", Json.number(summary.median()));
    json.set(name + "_max", Json.number(summary.max()));
  }

  private static void speedUp(ObjectNode json, String name, SpeedUp speedUp) {
    json.set(name, Json.number(speedUp.ratioOfMeans()));
    json.set(name + "_geometric_mean", Json.number(speedUp.geometricMean()));
    json.set(name + "_low95", Json.number(speedUp.low95()));
    json.set(name + "_high95", Json.number(speedUp.high95()));
  }

  /** One line per arm. */
  static List<ObjectNode> lines(TtftTrial trial) {
    List<ObjectNode> lines = new ArrayList<>();
    for (TtftTrial.Run run : trial.runs()) {
      ObjectNode json = Json.object();
      json.put("phase", trial.phase().name().toLowerCase(Locale.ROOT));
      json.put("length", trial.length());
      json.put("trial", trial.trial());
      json.put("arm", run.arm());
      json.put("order", run.order());
      json.put("worker", trial.worker());
      json.put("started_at", run.startedAt().toString());
      json.put("valid", trial.valid());
      json.put("problem", run.problem().orElse(null));
      json.set("expected_rows", AnswerJson.rows(run.expected()));
      run.result().ifPresent(result -> answer(json, result));
      trial.collect().ifPresent(collect -> json.set("collect", collect(collect)));
      lines.add(json);
    }
    return lines;
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
}
