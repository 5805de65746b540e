package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.run.TtftOutlier;
import ai.cacheblend.orchestrator.run.TtftSummary;
import ai.cacheblend.orchestrator.run.TtftTrial;
import ai.cacheblend.orchestrator.run.WarmUpState;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** A TTFT run as JSON. All durations are in seconds; std is the sample standard deviation. */
final class TtftJson {
  private TtftJson() {}

  static ObjectNode result(
      TtftPlan plan,
      PlanFile file,
      Environment environment,
      TtftSummary summary,
      List<TtftTrial> trials) {
    ObjectNode json = Json.object();
    json.put("benchmark", "ttft");
    json.put("format_version", PlanFile.FORMAT_VERSION);
    json.put("plan_id", file.planId());
    ArrayNode rows = json.putArray("rows");
    summary.rows().forEach(row -> rows.add(row(plan, row)));
    json.set("warnings", Json.strings(summary.warnings()));
    ArrayNode warmUps = json.putArray("warmup");
    summary.warmUps().forEach(state -> warmUps.add(warmUp(state)));
    json.set("invalid_runs", invalidRuns(plan, trials));
    json.set("sessions", file.sessionsJson());
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
    ObjectNode arms = json.putObject("arms");
    row.arms().forEach((name, figures) -> arms.set(name, figures(figures)));
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

  private static ObjectNode figures(TtftSummary.ArmFigures figures) {
    ObjectNode json = Json.object();
    json.set("client_ttft", StatisticsJson.of(figures.clientTtft(), figures.percentiles()));
    json.set("worker_ttft", StatisticsJson.of(figures.workerTtft()));
    figures.phases().forEach((name, summary) -> json.set(name, StatisticsJson.of(summary)));
    figures.speedUp().ifPresent(speedUp -> json.set("speedup", StatisticsJson.of(speedUp)));
    ArrayNode outliers = json.putArray("outliers");
    figures.outliers().forEach(outlier -> outliers.add(outlier(outlier)));
    return json;
  }

  private static ObjectNode outlier(TtftOutlier outlier) {
    ObjectNode json = Json.object();
    json.put("block", outlier.block());
    json.put("trial", outlier.trial());
    json.set("seconds", Json.number(outlier.seconds()));
    json.put("reason", outlier.reason());
    return json;
  }

  private static ObjectNode warmUp(WarmUpState state) {
    ObjectNode json = Json.object();
    json.put("session", state.origin().session());
    json.put("worker", state.origin().worker());
    json.put("length", state.length());
    json.put("trials", state.trials());
    json.put("stable", state.stable().orElse(null));
    json.put("noisy", state.times() == WarmUpState.Times.NOISY);
    json.put("cap_reached", state.capReached());
    state
        .worst()
        .ifPresent(
            worst -> {
              json.put("arm", worst.arm());
              json.set("mean", Json.number(worst.stability().mean()));
              json.set("drift", Json.number(worst.stability().drift()));
              json.set("spread", Json.number(worst.stability().spread()));
              json.set("gain", Json.number(worst.gain()));
              json.set("allowance", Json.number(worst.allowance()));
            });
    return json;
  }

  private static ArrayNode invalidRuns(TtftPlan plan, List<TtftTrial> trials) {
    ArrayNode array = Json.array();
    trials.stream()
        .filter(trial -> trial.phase() == TtftTrial.Phase.MEASURED)
        .forEach(
            trial ->
                trial.runs().stream()
                    .filter(run -> run.problem().isPresent())
                    .forEach(
                        run -> {
                          ObjectNode json = array.addObject();
                          json.put("block", plan.block(trial.length(), trial.trial()));
                          json.put("length", trial.length());
                          json.put("trial", trial.trial());
                          json.put("arm", run.arm());
                          json.put("worker", trial.worker());
                          json.put("problem", run.problem().orElseThrow());
                        }));
    return array;
  }
}
