package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.ArmJson;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.JsonFields;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.PromptTemplateJson;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Plans of sweeps as JSON. Empty fields of the data are determined when the data are loaded. */
final class SweepPlanJson {
  private static final Set<String> FIELDS =
      Set.of(
          "arms",
          "chunk_tokens",
          "chunk_counts",
          "lengths",
          "suffix_tokens",
          "suffix_fraction",
          "trials",
          "warmup",
          "max_new_tokens",
          "tiers",
          "quality",
          "seed",
          "workers");
  private static final Set<String> TIER_FIELDS = Set.of("tier", "throttle");
  private static final Set<String> DATA_FIELDS =
      Set.of(
          "dataset",
          "samples",
          "prompt",
          "max_prompt_characters",
          "retrieve",
          "max_new_tokens",
          "margin",
          "dataset_sha256",
          "prompts_sha256");

  private SweepPlanJson() {}

  static ObjectNode of(SweepPlan plan) {
    ObjectNode json = Json.object();
    json.set("arms", ArmJson.writeAll(plan.arms()));
    SweepPlan.Speed speed = plan.speed();
    json.set("chunk_tokens", Json.ints(speed.chunkTokens()));
    json.set("chunk_counts", Json.ints(speed.chunkCounts()));
    json.set("lengths", Json.ints(speed.lengths()));
    json.put("suffix_tokens", speed.suffix().tokens().orElse(null));
    json.put("suffix_fraction", speed.suffix().fraction().orElse(null));
    json.put("trials", speed.trials());
    json.set("warmup", PlanJson.warmUp(speed.warmUp()));
    json.put("max_new_tokens", speed.maxNewTokens());
    // Absent without a tier, so that plans without one keep their id.
    if (!speed.tiers().isEmpty()) {
      ArrayNode tiers = json.putArray("tiers");
      speed.tiers().forEach(tier -> ChunkSourceJson.write(tier, tiers.addObject()));
    }
    ArrayNode quality = json.putArray("quality");
    for (SweepPlan.Data data : plan.data()) {
      ObjectNode of = quality.addObject();
      of.put("dataset", data.dataset());
      of.put("samples", data.samples());
      of.set(
          "prompt",
          data.prompt()
              .<JsonNode>map(PromptTemplateJson::write)
              .orElse(JsonNodeFactory.instance.nullNode()));
      of.set("max_prompt_characters", PlanJson.intOrNull(data.maxPromptCharacters()));
      of.set("retrieve", PlanJson.retrieval(data.retrieval()));
      of.set("max_new_tokens", PlanJson.intOrNull(data.maxNewTokens()));
      of.put("margin", data.margin());
      of.put("dataset_sha256", data.datasetSha256().orElse(null));
      of.put("prompts_sha256", data.promptsSha256().orElse(null));
    }
    json.put("seed", plan.seed());
    json.set("workers", Json.strings(plan.workers()));
    return json;
  }

  static SweepPlan read(JsonNode json, List<String> workers) {
    JsonFields plan =
        new JsonFields("plan", json, FIELDS)
            .requiring("arms", "chunk_tokens", "trials", "warmup", "max_new_tokens", "quality");
    long seed = plan.requiring("seed").integer("seed", 0);
    return new SweepPlan(
        ArmJson.readAll(plan.elements("arms"), seed),
        new SweepPlan.Speed(
            ints(plan.ids("chunk_tokens")),
            ints(plan.ids("chunk_counts")),
            ints(plan.ids("lengths")),
            suffix(plan),
            plan.count("trials"),
            PlanReader.warmUp(plan.object("warmup")),
            plan.count("max_new_tokens"),
            tiers(plan)),
        data(plan),
        seed,
        workers);
  }

  static TtftPlan.Suffix suffix(JsonFields plan) {
    return new TtftPlan.Suffix(
        plan.has("suffix_tokens") ? Optional.of(plan.count("suffix_tokens")) : Optional.empty(),
        plan.has("suffix_fraction")
            ? Optional.of(plan.number("suffix_fraction", 0))
            : Optional.empty());
  }

  private static List<Integer> ints(ImmutableIntArray values) {
    return new ArrayList<>(values.asList());
  }

  private static List<ChunkSource> tiers(JsonFields plan) {
    List<ChunkSource> tiers = new ArrayList<>();
    if (plan.has("tiers")) {
      for (JsonNode element : plan.elements("tiers")) {
        JsonFields tier =
            new JsonFields("tiers[" + tiers.size() + "]", element, TIER_FIELDS).requiring("tier");
        tiers.add(
            ChunkSourceJson.read(tier)
                .orElseThrow(() -> new PlanException("tiers has an entry without tier; add it")));
      }
    }
    return tiers;
  }

  private static List<SweepPlan.Data> data(JsonFields plan) {
    List<SweepPlan.Data> all = new ArrayList<>();
    for (JsonNode element : plan.elements("quality")) {
      JsonFields data =
          new JsonFields("quality[" + all.size() + "]", element, DATA_FIELDS)
              .requiring("dataset", "samples", "margin");
      all.add(
          new SweepPlan.Data(
              data.string("dataset", ""),
              data.count("samples"),
              data.has("prompt")
                  ? Optional.of(PromptTemplateJson.read("prompt", data.object("prompt")))
                  : Optional.empty(),
              PlanReader.optionalCount(data, "max_prompt_characters"),
              PlanReader.retrieval(data),
              PlanReader.optionalCount(data, "max_new_tokens"),
              data.number("margin", 0),
              text(data, "dataset_sha256"),
              text(data, "prompts_sha256")));
    }
    return all;
  }

  private static Optional<String> text(JsonFields fields, String name) {
    return fields.has(name) ? Optional.of(fields.string(name, "")) : Optional.empty();
  }
}
