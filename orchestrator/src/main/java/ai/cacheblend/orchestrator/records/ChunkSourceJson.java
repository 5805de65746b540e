package ai.cacheblend.orchestrator.records;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.JsonFields;
import ai.cacheblend.orchestrator.plan.LoadPolicy;
import ai.cacheblend.orchestrator.plan.Tier;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalLong;

/** The fields {@code tier}, {@code throttle} (bytes per second) and {@code tier_policy}. */
final class ChunkSourceJson {
  private static final String TIER = "tier";
  private static final String THROTTLE = "throttle";
  private static final String POLICY = "tier_policy";

  private ChunkSourceJson() {}

  /** Adds the fields to {@code json}; those with default values stay absent. */
  static void write(ChunkSource source, ObjectNode json) {
    json.put(TIER, source.tier().id());
    source.bytesPerSecond().ifPresent(rate -> json.put(THROTTLE, rate));
    if (source.policy() != LoadPolicy.LOAD) {
      json.put(POLICY, source.policy().id());
    }
  }

  /** The source of a plan; empty if it has no tier. */
  static Optional<ChunkSource> read(JsonFields plan) {
    for (String name : new String[] {THROTTLE, POLICY}) {
      require(plan.has(TIER) || !plan.has(name), name + " is given without tier; add tier");
    }
    return plan.has(TIER)
        ? Optional.of(
            new ChunkSource(
                Tier.ofId(plan.string(TIER, "")),
                plan.has(THROTTLE)
                    ? OptionalLong.of(plan.integer(THROTTLE, 0))
                    : OptionalLong.empty(),
                LoadPolicy.ofId(plan.string(POLICY, LoadPolicy.LOAD.id()))))
        : Optional.empty();
  }

  /** The source of a record, which may have other fields. */
  static Optional<ChunkSource> find(JsonNode record) {
    return record.path(TIER).isTextual() && !record.path(TIER).asText().equals(ChunkSource.DEVICE)
        ? Optional.of(
            new ChunkSource(
                Tier.ofId(record.path(TIER).asText()),
                record.path(THROTTLE).isIntegralNumber()
                    ? OptionalLong.of(record.path(THROTTLE).asLong())
                    : OptionalLong.empty(),
                LoadPolicy.ofId(record.path(POLICY).asText(LoadPolicy.LOAD.id()))))
        : Optional.empty();
  }
}
