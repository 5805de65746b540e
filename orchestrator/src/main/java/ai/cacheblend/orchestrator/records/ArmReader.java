package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSpecs;
import ai.cacheblend.orchestrator.plan.CheckStep;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.Selector;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the arms of plans. */
final class ArmReader {
  private static final Set<String> ARM_FIELDS =
      Set.of("name", "method", "selector", "schedule", "recompute_ratio", "rows_per_chunk", "seed");
  private static final double DEFAULT_RATIO = 0.15;

  private ArmReader() {}

  /** Arms as results have them, or as the command line writes them. */
  static List<NamedArm> arms(JsonFields plan, long seed) {
    List<NamedArm> arms = new ArrayList<>();
    for (JsonNode element : plan.elements("arms")) {
      if (element.isTextual()) {
        arms.add(ArmSpecs.parse(element.textValue(), ArmDefaults.ratio(DEFAULT_RATIO, seed)));
        continue;
      }
      JsonFields arm =
          new JsonFields("arms[" + arms.size() + "]", element, ARM_FIELDS)
              .requiring("name", "method");
      arms.add(new NamedArm(arm.string("name", ""), arm(arm)));
    }
    return arms;
  }

  private static Arm arm(JsonFields arm) {
    String method = arm.string("method", "");
    return switch (method) {
      case "full_prefill" -> new Arm.FullPrefill();
      case "full_kv_reuse" -> new Arm.FullKvReuse();
      case "cacheblend" -> new Arm.CacheBlend(selector(arm.requiring("selector")));
      default ->
          throw new PlanException(
              "method is '" + method + "'; use full_prefill, full_kv_reuse or cacheblend");
    };
  }

  private static Selector selector(JsonFields arm) {
    String selector = arm.string("selector", "");
    return switch (selector) {
      case "value" -> new Selector.Deviation(Selector.Tensor.VALUE, schedule(arm));
      case "key" -> new Selector.Deviation(Selector.Tensor.KEY, schedule(arm));
      case "chunk-head" ->
          arm.has("rows_per_chunk")
              ? new Selector.ChunkHeadRows(arm.count("rows_per_chunk"))
              : new Selector.ChunkHeadShare(ratio(arm));
      case "random" ->
          new Selector.RandomRows(ratio(arm), arm.requiring("seed").integer("seed", 0));
      default ->
          throw new PlanException(
              "selector is '" + selector + "'; use value, key, chunk-head or random");
    };
  }

  private static double ratio(JsonFields arm) {
    return arm.requiring("recompute_ratio").number("recompute_ratio", 0);
  }

  private static List<CheckStep> schedule(JsonFields arm) {
    List<CheckStep> steps = new ArrayList<>();
    for (Map.Entry<String, JsonNode> step :
        arm.requiring("schedule").object("schedule").properties()) {
      require(
          step.getKey().matches("\\d{1,9}") && step.getValue().isNumber(),
          "schedule has '" + step.getKey() + "': " + step.getValue() + "; write LAYER: SHARE");
      steps.add(new CheckStep(Integer.parseInt(step.getKey()), step.getValue().doubleValue()));
    }
    return steps;
  }
}
