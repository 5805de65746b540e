package ai.cacheblend.orchestrator.report;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSpecs;
import ai.cacheblend.orchestrator.plan.CheckStep;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads plans as {@link PlanJson} writes them: every field must be there, none may be unknown.
 * {@link PlanException} names the file and what is wrong in it. Workers are not taken from the
 * file.
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
          "max_new_tokens",
          "stop_strings",
          "first_line_only",
          "metric",
          "arms",
          "margin",
          "seed",
          "workers");
  private static final Set<String> ARM_FIELDS =
      Set.of("name", "method", "selector", "schedule", "recompute_ratio", "rows_per_chunk", "seed");

  private static final double DEFAULT_RATIO = 0.15;

  private PlanReader() {}

  /** A plan of {@code ttft}: a plan alone, or a file that holds one as {@code plan}. */
  public static TtftPlan ttft(Path file, List<String> workers) {
    return in(file, () -> ttft(plan(file), workers));
  }

  /** The same of {@code quality}. */
  public static QualityPlan quality(Path file, List<String> workers) {
    return in(file, () -> quality(plan(file), workers));
  }

  /** The same of {@code sweep}; what it does not say of its data is empty. */
  public static SweepPlan sweep(Path file, List<String> workers) {
    return in(file, () -> SweepPlanJson.read(plan(file), workers));
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
        arms(plan, plan.integer("seed", 0)),
        plan.count("max_new_tokens"),
        plan.integer("seed", 0),
        workers);
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
            .requiring(QUALITY_FIELDS.stream().filter(f -> !f.equals("workers")).sorted().toList());
    return new QualityPlan(
        plan.string("dataset", ""),
        plan.string("dataset_source", ""),
        plan.string("dataset_sha256", ""),
        plan.string("prompts_sha256", ""),
        plan.count("samples"),
        plan.count("max_new_tokens"),
        plan.strings("stop_strings"),
        plan.bool("first_line_only", false),
        plan.string("metric", ""),
        arms(plan, plan.integer("seed", 0)),
        plan.number("margin", 0),
        plan.integer("seed", 0),
        workers);
  }

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
