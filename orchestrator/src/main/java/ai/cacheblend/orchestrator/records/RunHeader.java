package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.plan.ChunkSource;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Folder, plan and environment of a finished run.
 *
 * @param plan in the form that {@code --plan} reads
 */
public record RunHeader(
    Path folder, String planId, List<PlannedArm> arms, JsonNode plan, JsonNode environment) {
  public RunHeader {
    arms = List.copyOf(arms);
  }

  static RunHeader read(Path folder, JsonValue result) {
    JsonValue plan = result.get("plan");
    return new RunHeader(
        folder,
        result.text("plan_id"),
        plan.list("arms", PlannedArm::read),
        plan.node(),
        result.get("environment").node());
  }

  /** The same without other arms than these. */
  RunHeader withArms(Set<String> names) {
    return new RunHeader(
        folder,
        planId,
        arms.stream().filter(arm -> names.contains(arm.name())).toList(),
        plan,
        environment);
  }

  /** A fact about the model of the first worker. All workers of a run serve the same model. */
  public String model(String field) {
    return environment.at("/workers/0/model/" + field).asText("");
  }

  /** Where the chunks were: {@code device}, {@code host} or {@code host@3GB/s}. */
  public String place() {
    return ChunkSource.id(ChunkSourceJson.find(plan));
  }

  /** The same without the limit of the rate of loading. */
  public String tier() {
    return ChunkSourceJson.find(plan).map(of -> of.tier().id()).orElse(ChunkSource.DEVICE);
  }

  /** Limit of the rate of loading in bytes per second; empty without a limit. */
  public OptionalLong throttle() {
    return ChunkSourceJson.find(plan).map(ChunkSource::bytesPerSecond).orElse(OptionalLong.empty());
  }

  /** Whether the chunks were on the device. */
  public boolean onDevice() {
    return place().equals(ChunkSource.DEVICE);
  }

  public Optional<PlannedArm> baseline() {
    return arms.stream().filter(PlannedArm::isBaseline).findFirst();
  }

  /** The arm named {@code cacheblend}, or the first arm with that method. */
  public Optional<PlannedArm> headline() {
    return arms.stream()
        .filter(arm -> arm.name().equals("cacheblend"))
        .findFirst()
        .or(() -> arms.stream().filter(arm -> arm.method().equals("cacheblend")).findFirst());
  }
}
