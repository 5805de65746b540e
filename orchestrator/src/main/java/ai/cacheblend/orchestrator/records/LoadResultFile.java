package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.Slo;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;

/** Reads and writes {@code result.json} of a load run. */
final class LoadResultFile {
  private LoadResultFile() {}

  static ObjectNode json(
      LoadPlan plan, PlanFile file, Environment environment, LoadSummary summary) {
    ObjectNode json = Json.object();
    json.put("benchmark", "load");
    json.put(RecordFormat.FIELD, RecordFormat.VERSION);
    json.put("plan_id", file.planId());
    ArrayNode levels = json.putArray("levels");
    summary.levels().forEach(level -> levels.add(level(level)));
    ArrayNode capacities = json.putArray("capacity");
    summary.capacities().forEach(capacity -> capacities.add(LoadCapacityJson.of(capacity)));
    ArrayNode ratios = json.putArray("capacity_ratios");
    summary.capacityRatios().forEach(ratio -> ratios.add(LoadCapacityJson.of(ratio)));
    json.put("invalid_slices", summary.invalidSlices());
    json.set("warnings", Json.strings(summary.warnings()));
    json.set("sessions", file.sessionsJson());
    json.set("plan", LoadPlanJson.of(plan));
    json.set("environment", environment.toJson());
    return json;
  }

  private static ObjectNode level(LoadSummary.Level level) {
    ObjectNode json = Json.object();
    json.put("level", level.level());
    json.put("arm", level.arm());
    json.put(level.point().kind().key(), level.point().value());
    json.put("requests", level.counts().requests());
    json.put("failed", level.counts().failed());
    json.put("refused", level.counts().refused());
    json.put("timeouts", level.counts().timeouts());
    LoadSummary.Throughput throughput = level.throughput();
    json.set("duration_seconds", Json.number(throughput.windowSeconds()));
    json.set("offered_requests_per_second", Json.number(throughput.offeredRate()));
    json.set("throughput_requests_per_second", Json.number(throughput.requestsPerSecond()));
    json.set("throughput_tokens_per_second", Json.number(throughput.tokensPerSecond()));
    json.put("goodput_requests_per_second", throughput.goodput().orElse(null));
    json.put("good_share", throughput.goodShare().orElse(null));
    json.put("slo_met", throughput.sloMet().orElse(null));
    put(json, "ttft", level.latencies().ttft());
    put(json, "itl", level.latencies().itl());
    put(json, "tpot", level.latencies().tpot());
    put(json, "e2e", level.latencies().e2e());
    put(json, "worker_queue", level.latencies().queue());
    put(json, "send_lag", Optional.of(level.latencies().lag()));
    json.put("hit_rate", level.reuse().hitRate().orElse(null));
    json.put("retries", level.reuse().retries());
    json.put("reused_tokens", level.reuse().reusedTokens());
    json.put("recomputed_tokens", level.reuse().recomputedTokens());
    json.put("computed_tokens", level.reuse().computedTokens());
    ArrayNode bins = json.putArray("over_time");
    for (LoadSummary.Bin bin : level.overTime()) {
      ObjectNode of = bins.addObject();
      of.set("seconds", Json.number(bin.seconds()));
      of.put("requests", bin.requests());
      of.put("hit_rate", bin.hitRate().orElse(null));
      of.set("ttft_mean", Json.number(bin.meanTtft()));
    }
    json.putNull("stream");
    level.stream().ifPresent(stream -> json.set("stream", stream.json()));
    return json;
  }

  private static void put(ObjectNode json, String name, Optional<LatencyStatistics> statistics) {
    json.putNull(name);
    statistics.ifPresent(of -> json.set(name, of.json()));
  }

  static LoadResult read(Path folder, JsonValue json) {
    RunHeader header = RunHeader.read(folder, json);
    return new LoadResult(
        header,
        new LoadSummary(
            LoadSummary.limits(json.get("plan").findText("slo").map(Slo::parse)),
            json.list("levels", LoadResultFile::readLevel),
            json.list("capacity", LoadCapacityJson::read),
            json.integer("invalid_slices"),
            json.list("warnings", JsonValue::text)),
        LoadFolder.read(folder, header.planId()));
  }

  private static LoadSummary.Level readLevel(JsonValue json) {
    return new LoadSummary.Level(
        json.integer("level"),
        json.text("arm"),
        LoadRows.readPoint(json),
        new LoadSummary.Counts(
            json.integer("requests"),
            json.integer("failed"),
            json.integer("refused"),
            json.integer("timeouts")),
        new LoadSummary.Throughput(
            json.number("duration_seconds"),
            json.number("offered_requests_per_second"),
            json.number("throughput_requests_per_second"),
            json.number("throughput_tokens_per_second"),
            number(json, "goodput_requests_per_second"),
            number(json, "good_share"),
            json.has("slo_met") ? Optional.of(json.bool("slo_met")) : Optional.empty()),
        new LoadSummary.Latencies(
            latency(json, "ttft"),
            latency(json, "itl"),
            latency(json, "tpot"),
            latency(json, "e2e"),
            latency(json, "worker_queue"),
            LatencyStatistics.read(json.get("send_lag"))),
        new LoadSummary.Reuse(
            number(json, "hit_rate"),
            json.longInteger("retries"),
            json.longInteger("reused_tokens"),
            json.longInteger("recomputed_tokens"),
            json.longInteger("computed_tokens")),
        json.list("over_time", LoadResultFile::readBin),
        json.find("stream").map(LoadStream::read));
  }

  private static LoadSummary.Bin readBin(JsonValue json) {
    return new LoadSummary.Bin(
        json.number("seconds"),
        json.integer("requests"),
        number(json, "hit_rate"),
        json.numberOrNan("ttft_mean"));
  }

  private static Optional<LatencyStatistics> latency(JsonValue json, String name) {
    return json.find(name).map(LatencyStatistics::read);
  }

  private static Optional<Double> number(JsonValue json, String name) {
    return json.find(name).map(JsonValue::number);
  }
}
