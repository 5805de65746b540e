package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.ArmJson;
import ai.cacheblend.orchestrator.plan.JsonFields;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.PromptTemplateJson;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Retrieval;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads plans in the form that {@link PlanJson} writes. All fields are required, unknown fields are
 * rejected. {@link PlanException} describes the file and the error. The workers of the file are
 * ignored.
 */
public final class PlanReader {
  private static final Set<String> TTFT_FIELDS =
      Set.of(
          "lengths",
          "trials",
          "warmup",
          "chunk_tokens",
          "suffix_tokens",
          "suffix_fraction",
          "arms",
          "tier",
          "tier_policy",
          "throttle",
          "max_new_tokens",
          "seed",
          "workers");
  private static final Set<String> QUALITY_FIELDS =
      Set.of(
          "dataset",
          "dataset_source",
          "dataset_sha256",
          "prompts_sha256",
          "samples",
          "sampling",
          "max_new_tokens",
          "prompt",
          "max_prompt_characters",
          "chunk_tokens",
          "retrieve",
          "metric",
          "arms",
          "margin",
          "tier",
          "selection_samples",
          "seed",
          "workers");

  private static final Set<String> OPTIONAL_QUALITY_FIELDS =
      Set.of("workers", "sampling", "chunk_tokens", "retrieve", "tier", "selection_samples");

  private PlanReader() {}

  /** A plan of {@code ttft}: a plan, or a file with a field {@code plan}. */
  public static TtftPlan ttft(Path file, List<String> workers) {
    return in(file, () -> ttft(plan(file), workers));
  }

  /** A plan of {@code quality}. */
  public static QualityPlan quality(Path file, List<String> workers) {
    return in(file, () -> quality(plan(file), workers));
  }

  /** A plan of {@code sweep}; absent fields of its data are empty. */
  public static SweepPlan sweep(Path file, List<String> workers) {
    return in(file, () -> SweepPlanJson.read(plan(file), workers));
  }

  /** The same of {@code load}. */
  public static LoadPlan load(Path file, List<String> workers) {
    return in(file, () -> LoadPlanJson.read(plan(file), workers));
  }

  private interface Reading<T> {
    T read();
  }

  private static <T> T in(Path file, Reading<T> reading) {
    try {
      return reading.read();
    } catch (PlanException e) {
      throw new PlanException("--plan: " + file + ": " + e.getMessage());
    }
  }

  private static JsonNode plan(Path file) {
    require(Files.exists(file), "does not exist");
    JsonNode json = Json.read(file);
    return json.path("plan").isObject() ? json.get("plan") : json;
  }

  private static TtftPlan ttft(JsonNode json, List<String> workers) {
    JsonFields plan =
        new JsonFields("plan", json, TTFT_FIELDS)
            .requiring(
                "lengths", "trials", "warmup", "chunk_tokens", "arms", "max_new_tokens", "seed");
    List<Integer> lengths = new ArrayList<>();
    plan.ids("lengths").forEach(lengths::add);
    return new TtftPlan(
        lengths,
        plan.count("trials"),
        warmUp(plan.object("warmup")),
        plan.count("chunk_tokens"),
        SweepPlanJson.suffix(plan),
        ArmJson.readAll(plan.elements("arms"), plan.integer("seed", 0)),
        ChunkSourceJson.read(plan),
        plan.count("max_new_tokens"),
        plan.integer("seed", 0),
        workers);
  }

  private static Optional<Tier> tier(JsonFields plan) {
    return plan.has("tier") ? Optional.of(Tier.ofId(plan.string("tier", ""))) : Optional.empty();
  }

  static WarmUp warmUp(JsonNode json) {
    JsonFields warmUp =
        new JsonFields("warmup", json, Set.of("min", "max", "window", "tolerance"))
            .requiring("min", "max", "window", "tolerance");
    return new WarmUp(
        warmUp.count("min"),
        warmUp.count("max"),
        warmUp.count("window"),
        warmUp.number("tolerance", 0));
  }

  private static QualityPlan quality(JsonNode json, List<String> workers) {
    JsonFields plan =
        new JsonFields("plan", json, QUALITY_FIELDS)
            .requiring(
                QUALITY_FIELDS.stream()
                    .filter(f -> !OPTIONAL_QUALITY_FIELDS.contains(f))
                    .sorted()
                    .toList());
    return new QualityPlan(
        plan.string("dataset", ""),
        plan.string("dataset_source", ""),
        plan.string("dataset_sha256", ""),
        plan.string("prompts_sha256", ""),
        plan.count("samples"),
        Sampling.ofId(plan.string("sampling", Sampling.FIRST.id())),
        PromptTemplateJson.read("prompt", plan.object("prompt"))
            .withMaxNewTokens(plan.count("max_new_tokens")),
        optionalCount(plan, "max_prompt_characters"),
        optionalCount(plan, "chunk_tokens"),
        retrieval(plan),
        plan.string("metric", ""),
        ArmJson.readAll(plan.elements("arms"), plan.integer("seed", 0)),
        plan.number("margin", 0),
        tier(plan),
        optionalCount(plan, "selection_samples"),
        plan.integer("seed", 0),
        workers);
  }

  static Optional<Retrieval> retrieval(JsonFields fields) {
    if (!fields.has("retrieve")) {
      return Optional.empty();
    }
    JsonFields retrieval =
        new JsonFields("retrieve", fields.object("retrieve"), Set.of("count", "encoder"))
            .requiring("count", "encoder");
    return Optional.of(new Retrieval(retrieval.count("count"), retrieval.string("encoder", "")));
  }

  static OptionalInt optionalCount(JsonFields fields, String name) {
    return fields.has(name) ? OptionalInt.of(fields.count(name)) : OptionalInt.empty();
  }
}
