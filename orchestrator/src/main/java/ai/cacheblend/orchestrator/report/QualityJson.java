package ai.cacheblend.orchestrator.report;

import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.QualitySummary;
import ai.cacheblend.orchestrator.run.SampleResult;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** A quality run as JSON. */
final class QualityJson {
  private QualityJson() {}

  static ObjectNode result(QualityPlan plan, Environment environment, QualitySummary summary) {
    ObjectNode json = Json.object();
    json.put("benchmark", "quality");
    json.put("format_version", 1);
    json.put("dataset", plan.dataset());
    json.put("metric", plan.metric());
    json.put("n", summary.validCount());
    json.put("invalid", summary.invalidCount());
    ObjectNode scores = json.putObject("scores");
    for (var arm : plan.arms()) {
      QualitySummary.ArmFigures figures = summary.arms().get(arm.name());
      scores.set(
          arm.name(),
          figures == null
              ? NullNode.getInstance()
              : Json.number(figures.scores().get(plan.metric()).mean()));
    }
    Optional<PairedDifference> headline =
        plan.headline()
            .map(arm -> summary.arms().get(arm.name()))
            .flatMap(QualitySummary.ArmFigures::difference);
    json.set("difference", headline.map(d -> Json.number(d.mean())).orElse(NullNode.instance));
    json.set(
        "difference_std", headline.map(d -> Json.number(d.sampleStd())).orElse(NullNode.instance));
    ObjectNode arms = json.putObject("arms");
    summary.arms().forEach((name, figures) -> arms.set(name, arm(figures)));
    json.set("plan", PlanJson.of(plan));
    json.set("environment", environment.toJson());
    return json;
  }

  private static ObjectNode arm(QualitySummary.ArmFigures figures) {
    ObjectNode json = Json.object();
    ObjectNode scores = json.putObject("scores");
    figures
        .scores()
        .forEach(
            (metric, summary) -> {
              ObjectNode of = scores.putObject(metric);
              of.set("mean", Json.number(summary.mean()));
              of.set("std", Json.number(summary.sampleStd()));
              of.set("half_width95", Json.number(summary.halfWidth95()));
            });
    figures
        .difference()
        .ifPresent(
            difference -> {
              ObjectNode of = json.putObject("difference");
              of.put("n", difference.n());
              of.set("mean", Json.number(difference.mean()));
              of.set("std", Json.number(difference.sampleStd()));
              of.set("half_width95", Json.number(difference.halfWidth95()));
            });
    figures.identicalShare().ifPresent(share -> json.put("identical_share", share));
    return json;
  }

  static ObjectNode line(SampleResult sample) {
    ObjectNode json = Json.object();
    json.put("index", sample.index());
    json.put("id", sample.id());
    json.put("type", sample.type());
    json.put("worker", sample.worker());
    json.put("started_at", sample.startedAt().toString());
    json.put("valid", sample.valid());
    json.put("problem", sample.problem().orElse(null));
    json.put("prompt_tokens", sample.promptTokenCount());
    json.put("cached_tokens", sample.cachedTokenCount());
    json.set("references", Json.strings(sample.references()));
    sample.collect().ifPresent(collect -> json.set("collect", collect(collect)));
    ObjectNode answers = json.putObject("answers");
    sample.answers().forEach(answer -> answers.set(answer.arm(), answer(answer)));
    return json;
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
    ObjectNode scores = json.putObject("scores");
    answer.scores().forEach((metric, score) -> scores.set(metric, Json.number(score)));
    json.put("scored_text", answer.scoredText());
    json.put("text", answer.result().text());
    json.set("token_ids", Json.ints(answer.result().tokenIds().asList()));
    json.put("reason", answer.result().reason());
    json.put("problem", answer.problem().orElse(null));
    json.set("rows", AnswerJson.rows(answer.result().rows()));
    json.set("expected_rows", AnswerJson.rows(answer.expected()));
    json.set("seconds", AnswerJson.timings(answer.result()));
    return json;
  }
}
