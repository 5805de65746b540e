package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.ArmJson;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.PromptTemplateJson;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Retrieval;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/** Writes plans with all fields, so that they do not depend on default values. */
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
    json.set("arms", ArmJson.writeAll(plan.arms()));
    // Absent without a tier, so that plans without one keep their id.
    plan.source().ifPresent(source -> ChunkSourceJson.write(source, json));
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
    json.put("sampling", plan.sampling().id());
    json.put("max_new_tokens", plan.maxNewTokens());
    json.set("prompt", PromptTemplateJson.write(plan.prompt()));
    json.set("max_prompt_characters", intOrNull(plan.maxPromptCharacters()));
    json.set("chunk_tokens", intOrNull(plan.chunkTokens()));
    json.set("retrieve", retrieval(plan.retrieval()));
    json.put("metric", plan.metric());
    json.set("arms", ArmJson.writeAll(plan.arms()));
    json.put("margin", plan.margin());
    plan.tier().ifPresent(tier -> json.put("tier", tier.id()));
    plan.selectionSamples().ifPresent(count -> json.put("selection_samples", count));
    json.put("seed", plan.seed());
    json.set("workers", Json.strings(plan.workers()));
    return json;
  }

  public static ObjectNode of(SweepPlan plan) {
    return SweepPlanJson.of(plan);
  }

  public static ObjectNode of(LoadPlan plan) {
    return LoadPlanJson.of(plan);
  }

  /** Identifies a plan, regardless of its workers. */
  static String id(ObjectNode plan) {
    return Hashing.sha256()
        .hashString(Json.line(plan.deepCopy().without("workers")), StandardCharsets.UTF_8)
        .toString()
        .substring(0, ID_HEX_DIGITS);
  }

  static JsonNode intOrNull(OptionalInt value) {
    return value.isPresent()
        ? JsonNodeFactory.instance.numberNode(value.getAsInt())
        : JsonNodeFactory.instance.nullNode();
  }

  static JsonNode retrieval(Optional<Retrieval> retrieval) {
    if (retrieval.isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    ObjectNode json = Json.object();
    json.put("count", retrieval.get().count());
    json.put("encoder", retrieval.get().encoder());
    return json;
  }

  static ObjectNode warmUp(WarmUp warmUp) {
    ObjectNode json = Json.object();
    json.put("min", warmUp.min());
    json.put("max", warmUp.max());
    json.put("window", warmUp.window());
    json.put("tolerance", warmUp.tolerance());
    return json;
  }
}
