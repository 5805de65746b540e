package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.CheckStep;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Plans as they stand in results: nothing is left to defaults. */
public final class PlanJson {
  private static final int ID_HEX_DIGITS = 16;

  private PlanJson() {}

  public static ObjectNode of(TtftPlan plan) {
    ObjectNode json = Json.object();
    json.set("lengths", Json.ints(plan.lengths()));
    json.put("trials", plan.trials());
    json.set("warmup", warmUp(plan.warmUp()));
    json.put("chunk_tokens", plan.chunkTokens());
    json.put("suffix_tokens", plan.suffix().tokens().orElse(null));
    json.put("suffix_fraction", plan.suffix().fraction().orElse(null));
    json.set("arms", arms(plan.arms()));
    json.put("max_new_tokens", plan.maxNewTokens());
    json.put("seed", plan.seed());
    json.set("workers", Json.strings(plan.workers()));
    return json;
  }

  public static ObjectNode of(QualityPlan plan) {
    ObjectNode json = Json.object();
    json.put("dataset", plan.dataset());
    json.put("dataset_source", plan.datasetSource());
    json.put("dataset_sha256", plan.datasetSha256());
    json.put("prompts_sha256", plan.promptsSha256());
    json.put("samples", plan.samples());
    json.put("max_new_tokens", plan.maxNewTokens());
    json.set("stop_strings", Json.strings(plan.stopStrings()));
    json.put("first_line_only", plan.firstLineOnly());
    json.put("metric", plan.metric());
    json.set("arms", arms(plan.arms()));
    json.put("margin", plan.margin());
    json.put("seed", plan.seed());
    json.set("workers", Json.strings(plan.workers()));
    return json;
  }

  public static ObjectNode of(SweepPlan plan) {
    return SweepPlanJson.of(plan);
  }

  /** Names what is to be done, wherever: workers are left out. */
  static String id(ObjectNode plan) {
    return Hashing.sha256()
        .hashString(Json.line(plan.deepCopy().without("workers")), StandardCharsets.UTF_8)
        .toString()
        .substring(0, ID_HEX_DIGITS);
  }

  static ObjectNode warmUp(WarmUp warmUp) {
    ObjectNode json = Json.object();
    json.put("min", warmUp.min());
    json.put("max", warmUp.max());
    json.put("window", warmUp.window());
    json.put("tolerance", warmUp.tolerance());
    return json;
  }

  static ArrayNode arms(List<NamedArm> arms) {
    ArrayNode array = Json.array();
    arms.forEach(arm -> array.add(arm(arm)));
    return array;
  }

  private static ObjectNode arm(NamedArm named) {
    ObjectNode json = Json.object();
    json.put("name", named.name());
    if (named.arm() instanceof Arm.CacheBlend blend) {
      json.put("method", "cacheblend");
      selector(json, blend.selector());
    } else {
      json.put("method", named.arm() instanceof Arm.FullPrefill ? "full_prefill" : "full_kv_reuse");
    }
    return json;
  }

  private static void selector(ObjectNode json, Selector selector) {
    if (selector instanceof Selector.Deviation deviation) {
      json.put("selector", deviation.tensor().name().toLowerCase(Locale.ROOT));
      ObjectNode schedule = json.putObject("schedule");
      for (CheckStep step : deviation.schedule()) {
        schedule.put(Integer.toString(step.layer()), step.share());
      }
    } else if (selector instanceof Selector.ChunkHeadRows head) {
      json.put("selector", "chunk-head");
      json.put("rows_per_chunk", head.rowsPerChunk());
    } else if (selector instanceof Selector.ChunkHeadShare head) {
      json.put("selector", "chunk-head");
      json.put("recompute_ratio", head.recomputeRatio());
    } else if (selector instanceof Selector.RandomRows random) {
      json.put("selector", "random");
      json.put("recompute_ratio", random.recomputeRatio());
      json.put("seed", random.seed());
    }
  }
}
