package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.ArmJson;
import ai.cacheblend.orchestrator.plan.Arrivals;
import ai.cacheblend.orchestrator.plan.Background;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.JsonFields;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.Popularity;
import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.plan.TraceFile;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** Plans of load runs as JSON. Fields of another kind of load or workload are null. */
final class LoadPlanJson {
  private static final Set<String> FIELDS =
      Set.of(
          "arms",
          "rate",
          "arrivals",
          "trace",
          "trace_sha256",
          "trace_speed",
          "rounds",
          "concurrency",
          "duration_seconds",
          "requests",
          "slices",
          "warmup_requests",
          "slo",
          "dataset",
          "dataset_source",
          "dataset_sha256",
          "prompts_sha256",
          "samples",
          "pool_chunks",
          "popularity",
          "chunks",
          "chunk_tokens",
          "suffix_tokens",
          "new_chunks_per_request",
          "background",
          "precollect",
          "max_new_tokens",
          "seed",
          "workers");

  private LoadPlanJson() {}

  static ObjectNode of(LoadPlan plan) {
    ObjectNode json = Json.object();
    json.set("arms", ArmJson.writeAll(plan.arms()));
    json.set("rate", NullNode.getInstance());
    json.set("arrivals", NullNode.getInstance());
    json.set("concurrency", NullNode.getInstance());
    json.set("trace", NullNode.getInstance());
    json.set("rounds", NullNode.getInstance());
    if (plan.shape() instanceof LoadShape.Open open) {
      open.rates().forEach(json.putArray("rate")::add);
      json.put("arrivals", open.arrivals().text());
    } else if (plan.shape() instanceof LoadShape.Search search) {
      json.put("rate", LoadShape.SEARCH);
      json.put("arrivals", search.arrivals().text());
      json.put("rounds", search.rounds());
    } else if (plan.shape() instanceof LoadShape.Trace trace) {
      json.put("trace", trace.file().path());
      json.put("trace_sha256", trace.file().sha256());
      json.put("trace_speed", trace.speed());
    } else if (plan.shape() instanceof LoadShape.Closed closed) {
      json.set("concurrency", Json.ints(closed.concurrencies()));
    }
    json.put("duration_seconds", plan.extent().seconds() > 0 ? plan.extent().seconds() : null);
    json.put("requests", plan.extent().requests() > 0 ? plan.extent().requests() : null);
    json.put("slices", plan.slices());
    json.put("warmup_requests", plan.warmupRequests());
    json.put("slo", plan.slo().map(Slo::text).orElse(null));
    if (plan.workload() instanceof LoadWorkload.Pool pool) {
      json.put("pool_chunks", pool.poolChunks());
      json.put("popularity", pool.popularity().text());
      json.put("chunks", pool.chunks());
      json.put("chunk_tokens", pool.chunkTokens());
      json.put("suffix_tokens", pool.suffixTokens());
      json.put("new_chunks_per_request", pool.newChunks());
    } else if (plan.workload() instanceof LoadWorkload.Trace trace) {
      json.put("chunk_tokens", trace.chunkTokens());
    } else if (plan.workload() instanceof LoadWorkload.Dataset dataset) {
      json.put("dataset", dataset.dataset());
      json.put("dataset_source", dataset.source());
      json.put("dataset_sha256", dataset.datasetSha256());
      json.put("prompts_sha256", dataset.promptsSha256());
      json.put("samples", dataset.samples());
      dataset.chunkTokens().ifPresent(tokens -> json.put("chunk_tokens", tokens));
    }
    json.put("background", plan.background().map(Background::text).orElse(null));
    json.put("precollect", plan.precollect());
    json.put("max_new_tokens", plan.maxNewTokens());
    json.put("seed", plan.seed());
    json.set("workers", Json.strings(plan.workers()));
    return json;
  }

  static LoadPlan read(JsonNode json, List<String> workers) {
    JsonFields plan =
        new JsonFields("plan", json, FIELDS)
            .requiring("arms", "slices", "warmup_requests", "max_new_tokens", "seed");
    Optional<TraceFile> trace = trace(plan);
    return new LoadPlan(
        ArmJson.readAll(plan.elements("arms"), plan.integer("seed", 0)),
        shape(plan, trace),
        new LoadPlan.Extent(
            plan.number("duration_seconds", 0), plan.has("requests") ? plan.count("requests") : 0),
        plan.count("slices"),
        plan.count("warmup_requests"),
        plan.has("slo") ? Optional.of(Slo.parse(plan.string("slo", ""))) : Optional.empty(),
        workload(plan, trace),
        plan.has("background")
            ? Optional.of(Background.parse(plan.string("background", ""), plan.integer("seed", 0)))
            : Optional.empty(),
        plan.bool("precollect", false),
        plan.count("max_new_tokens"),
        plan.integer("seed", 0),
        workers);
  }

  /** The file must be that of the plan, if the plan has its checksum. */
  private static Optional<TraceFile> trace(JsonFields plan) {
    if (!plan.has("trace")) {
      return Optional.empty();
    }
    TraceFile file = TraceFile.read(plan.string("trace", ""));
    String sha256 = plan.string("trace_sha256", file.sha256());
    require(
        sha256.equals(file.sha256()),
        "trace "
            + file.path()
            + " has SHA-256 "
            + file.sha256()
            + ", the plan has "
            + sha256
            + "; use the file of the plan");
    return Optional.of(file);
  }

  private static LoadShape shape(JsonFields plan, Optional<TraceFile> trace) {
    require(
        Stream.of("rate", "concurrency", "trace").filter(plan::has).count() == 1,
        "plan fields rate, concurrency and trace exclude each other; give one");
    if (trace.isPresent()) {
      return new LoadShape.Trace(trace.get(), plan.number("trace_speed", 1));
    }
    if (plan.has("concurrency")) {
      return new LoadShape.Closed(plan.ids("concurrency").asList());
    }
    Arrivals arrivals = Arrivals.parse(plan.string("arrivals", Defaults.ARRIVALS));
    if (!plan.has("rounds")) {
      return new LoadShape.Open(plan.numbers("rate"), arrivals);
    }
    require(
        plan.string("rate", "").equals(LoadShape.SEARCH),
        "plan field rounds is of a search; set rate to \"auto\"");
    return new LoadShape.Search(plan.count("rounds"), arrivals);
  }

  private static LoadWorkload workload(JsonFields plan, Optional<TraceFile> trace) {
    if (trace.isPresent()) {
      return new LoadWorkload.Trace(
          trace.get(),
          plan.has("chunk_tokens") ? plan.count("chunk_tokens") : Defaults.CHUNK_TOKENS);
    }
    if (plan.has("dataset")) {
      JsonFields data =
          plan.requiring("dataset_source", "dataset_sha256", "prompts_sha256", "samples");
      return new LoadWorkload.Dataset(
          data.string("dataset", ""),
          data.string("dataset_source", ""),
          data.string("dataset_sha256", ""),
          data.string("prompts_sha256", ""),
          data.count("samples"),
          data.has("chunk_tokens")
              ? OptionalInt.of(data.count("chunk_tokens"))
              : OptionalInt.empty());
    }
    JsonFields all =
        plan.requiring("pool_chunks", "popularity", "chunks", "chunk_tokens", "suffix_tokens");
    return new LoadWorkload.Pool(
        all.count("pool_chunks"),
        Popularity.parse(all.string("popularity", "")),
        all.count("chunks"),
        all.count("chunk_tokens"),
        all.count("suffix_tokens"),
        all.has("new_chunks_per_request") ? all.count("new_chunks_per_request") : 0);
  }
}
