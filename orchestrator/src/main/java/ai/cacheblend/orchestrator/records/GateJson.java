package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.QualitySummary;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The verdict of a gate and its interim analyses. */
final class GateJson {
  private GateJson() {}

  static ObjectNode of(QualityPlan plan, Gate gate) {
    Verdict verdict = gate.verdict();
    ObjectNode json = Json.object();
    json.put("verdict", verdict.outcome().id());
    json.put("reason", verdict.reason());
    json.put("margin", plan.margin());
    json.put("alpha", NonInferiorityRule.ALPHA);
    json.put("samples_to_pass", NonInferiorityRule.samplesToPass(plan.margin()));
    ArrayNode array = json.putArray("interim");
    for (Gate.Interim interim : gate.interims()) {
      interim
          .summary()
          .arms()
          .forEach(
              (name, arm) ->
                  arm.comparison()
                      .ifPresent(
                          comparison ->
                              array.add(interim(plan, interim.sampleCount(), name, comparison))));
    }
    return json;
  }

  private static ObjectNode interim(
      QualityPlan plan, int samples, String arm, QualitySummary.Comparison comparison) {
    ObjectNode json = Json.object();
    json.put("arm", arm);
    json.put("samples", samples);
    json.set(QualityJson.DIFFERENCE, QualityJson.difference(plan, comparison));
    json.put("identical_share", comparison.identicalShare());
    return json;
  }
}
