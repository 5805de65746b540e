package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.QualitySummary;
import ai.cacheblend.orchestrator.run.SampleResult;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/** A quality run as JSON. */
final class QualityJson {
  /** Name of a mean paired difference in records: arm minus full prefill, negative is worse. */
  static final String DIFFERENCE = "arm_minus_full_prefill";

  private QualityJson() {}

  static ObjectNode result(
      QualityPlan plan,
      PlanFile file,
      Environment environment,
      QualitySummary summary,
      List<SampleResult> samples) {
    ObjectNode json = Json.object();
    json.put("benchmark", "quality");
    json.put("format_version", PlanFile.FORMAT_VERSION);
    json.put("plan_id", file.planId());
    json.put("dataset", plan.dataset());
    json.put("metric", plan.metric());
    json.put("n", summary.validCount());
    json.put("invalid", summary.invalidCount());
    json.set("scores", scores(plan, summary));
    Optional<PairedDifference> headline =
        plan.headline()
            .map(arm -> summary.arms().get(arm.name()))
            .flatMap(QualitySummary.ArmFigures::comparison)
            .map(QualitySummary.Comparison::difference);
    // Opposite in sign to all other differences, as scripts expect it: full prefill minus the arm.
    json.set("difference", headline.map(d -> Json.number(-d.mean())).orElse(NullNode.instance));
    json.set(
        "difference_std", headline.map(d -> Json.number(d.sampleStd())).orElse(NullNode.instance));
    ObjectNode arms = json.putObject("arms");
    summary.arms().forEach((name, figures) -> arms.set(name, arm(plan, figures)));
    json.set("invalid_samples", invalidSamples(samples));
    json.set("sessions", file.sessionsJson());
    json.set("plan", PlanJson.of(plan));
    json.set("environment", environment.toJson());
    return json;
  }

  private static ObjectNode scores(QualityPlan plan, QualitySummary summary) {
    ObjectNode scores = Json.object();
    for (NamedArm arm : plan.arms()) {
      QualitySummary.ArmFigures figures = summary.arms().get(arm.name());
      scores.set(
          arm.name(),
          figures == null
              ? NullNode.getInstance()
              : Json.number(figures.scores().get(plan.metric()).mean()));
    }
    return scores;
  }

  private static ObjectNode arm(QualityPlan plan, QualitySummary.ArmFigures figures) {
    ObjectNode json = Json.object();
    ObjectNode scores = json.putObject("scores");
    figures.scores().forEach((metric, summary) -> scores.set(metric, StatisticsJson.of(summary)));
    figures.comparison().ifPresent(comparison -> compare(json, plan, comparison));
    return json;
  }

  private static void compare(
      ObjectNode json, QualityPlan plan, QualitySummary.Comparison comparison) {
    json.set(DIFFERENCE, difference(plan, comparison));
    json.put("identical_share", comparison.identicalShare());
    json.set(
        "first_divergence",
        comparison.firstDivergence().<JsonNode>map(StatisticsJson::of).orElse(NullNode.instance));
  }

  static ObjectNode difference(QualityPlan plan, QualitySummary.Comparison comparison) {
    ObjectNode difference = Json.object();
    difference.put("n", comparison.difference().n());
    difference.set("mean", Json.number(comparison.difference().mean()));
    difference.set("std", Json.number(comparison.difference().sampleStd()));
    difference.set("low95", Json.number(comparison.interval().low()));
    difference.set("high95", Json.number(comparison.interval().high()));
    difference.set("permutation_p", Json.number(comparison.permutationP()));
    difference.put("margin", plan.margin());
    difference.put("verdict", comparison.verdict().outcome().id());
    difference.put("reason", comparison.verdict().reason());
    return difference;
  }

  private static ArrayNode invalidSamples(List<SampleResult> samples) {
    ArrayNode array = Json.array();
    samples.stream()
        .filter(sample -> !sample.valid())
        .forEach(
            sample -> {
              ObjectNode json = array.addObject();
              json.put("block", sample.index());
              json.put("id", sample.id());
              json.put("worker", sample.worker());
              json.put("problem", sample.problem().orElseThrow());
            });
    return array;
  }
}
