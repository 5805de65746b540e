package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads and writes {@code result.json} of a quality run. */
final class QualityResultFile {
  static final String CHARGED_BUDGET = "charged_budget";

  private QualityResultFile() {}

  static ObjectNode json(
      QualityPlan plan,
      PlanFile file,
      Environment environment,
      QualitySummary summary,
      List<Sample> samples,
      Optional<GateDecision> gate) {
    ObjectNode json = Json.object();
    json.put("benchmark", "quality");
    json.put(RecordFormat.FIELD, RecordFormat.VERSION);
    json.put("plan_id", file.planId());
    json.put("dataset", plan.dataset());
    json.put("metric", plan.metric());
    json.put("n", summary.n());
    json.put("invalid", summary.invalid());
    json.put("shortened_prompts", summary.shortened());
    if (plan.retrieval().isPresent()) {
      json.set("supporting_recall", Json.number(summary.supportingRecall().orElse(Double.NaN)));
    }
    json.set("scores", scores(plan, summary));
    addHeadline(json, plan, summary);
    ObjectNode arms = json.putObject("arms");
    summary.arms().forEach((name, arm) -> arms.set(name, arm(arm)));
    json.set("warnings", Json.strings(summary.warnings()));
    json.set("invalid_samples", invalidSamples(samples));
    json.set("sessions", file.sessionsJson());
    json.set("plan", PlanJson.of(plan));
    json.set("environment", environment.toJson());
    gate.ifPresent(decision -> json.set("gate", decision.json()));
    return json;
  }

  private static ObjectNode scores(QualityPlan plan, QualitySummary summary) {
    ObjectNode scores = Json.object();
    for (NamedArm arm : plan.arms()) {
      scores.set(
          arm.name(),
          Optional.ofNullable(summary.arms().get(arm.name()))
              .map(of -> Json.number(of.scores().get(plan.metric()).mean()))
              .orElse(NullNode.getInstance()));
    }
    return scores;
  }

  /**
   * {@code difference} is full prefill minus the headline arm: its name and sign are part of the
   * command line contract. All other differences are {@code arm_minus_full_prefill}.
   */
  private static void addHeadline(ObjectNode json, QualityPlan plan, QualitySummary summary) {
    Optional<ScoreDifference> headline =
        plan.headline()
            .map(arm -> summary.arms().get(arm.name()))
            .flatMap(QualitySummary.Arm::armMinusFullPrefill);
    // 0 − x, not −x: equal scores give 0, not −0.
    json.set("difference", number(headline.map(difference -> 0 - difference.mean())));
    json.set("difference_std", number(headline.map(ScoreDifference::std)));
    json.set(ScoreDifference.KEY, number(headline.map(ScoreDifference::mean)));
  }

  private static JsonNode number(Optional<Double> value) {
    return Json.number(value.orElse(Double.NaN));
  }

  private static ObjectNode arm(QualitySummary.Arm arm) {
    ObjectNode json = Json.object();
    ObjectNode scores = json.putObject("scores");
    arm.scores().forEach((metric, statistics) -> scores.set(metric, statistics.json()));
    json.set(CHARGED_BUDGET, Json.number(arm.chargedBudget()));
    arm.comparison()
        .ifPresent(
            comparison -> {
              json.set(ScoreDifference.KEY, comparison.armMinusFullPrefill().json());
              comparison.retention().ifPresent(r -> json.set(Retention.KEY, r.json()));
              json.put("identical_share", comparison.identicalShare());
              json.set(
                  "first_divergence",
                  comparison
                      .firstDivergence()
                      .<JsonNode>map(Statistics::json)
                      .orElse(NullNode.getInstance()));
            });
    return json;
  }

  private static ArrayNode invalidSamples(List<Sample> samples) {
    ArrayNode array = Json.array();
    for (Sample sample : samples) {
      if (!sample.valid()) {
        ObjectNode json = array.addObject();
        json.put("block", sample.index());
        json.put("id", sample.id());
        json.put("worker", sample.worker());
        json.put("problem", sample.problem().orElseThrow());
      }
    }
    return array;
  }

  /**
   * A gate that selected its arms is read as a run of the arms that it tested. Its samples include
   * those of the selection.
   */
  static QualityResult read(Path folder, JsonValue json) {
    Optional<GateDecision> gate = json.find("gate").map(GateDecision::read);
    RunHeader header = RunHeader.read(folder, json);
    List<Sample> samples = SamplesFile.reader().read(folder).blocks();
    if (gate.flatMap(GateDecision::selection).isPresent()) {
      Set<String> tested = json.map("arms", arm -> arm).keySet();
      header = header.withArms(tested);
      samples = samples.stream().flatMap(sample -> sample.withArms(tested).stream()).toList();
    }
    return new QualityResult(
        header,
        json.text("dataset"),
        json.text("metric"),
        new QualitySummary(
            json.integer("n"),
            json.integer("invalid"),
            json.integer("shortened_prompts"),
            json.find("supporting_recall").stream().mapToDouble(JsonValue::number).findFirst(),
            json.map("arms", QualityResultFile::readArm),
            json.list("warnings", JsonValue::text)),
        samples,
        ExampleFile.read(folder),
        gate);
  }

  private static QualitySummary.Arm readArm(JsonValue json) {
    return new QualitySummary.Arm(
        json.map("scores", Statistics::read),
        json.numberOrNan(CHARGED_BUDGET),
        json.find(ScoreDifference.KEY)
            .map(
                difference ->
                    new QualitySummary.Comparison(
                        ScoreDifference.read(difference),
                        json.find(Retention.KEY).map(Retention::read),
                        json.number("identical_share"),
                        json.find("first_divergence").map(Statistics::read))));
  }
}
