package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What every run tells of itself.
 *
 * @param folder it was read from
 * @param plan as {@code --plan} takes it
 * @param environment what it ran on
 */
public record RunFacts(
    Path folder, String planId, List<ArmFacts> arms, JsonNode plan, JsonNode environment) {
  public RunFacts {
    arms = List.copyOf(arms);
  }

  static RunFacts of(Path folder, JsonSource result) {
    JsonSource plan = result.get("plan");
    return new RunFacts(
        folder,
        result.text("plan_id"),
        plan.list("arms", ArmFacts::of),
        plan.node(),
        result.get("environment").node());
  }

  /** What the first worker said of its model; workers of one run serve the same. */
  public String model(String field) {
    return environment.at("/workers/0/model/" + field).asText("");
  }

  public Optional<ArmFacts> baseline() {
    return arms.stream().filter(ArmFacts::isBaseline).findFirst();
  }

  /** The arm that headline figures are about: {@code cacheblend}, or the first that blends. */
  public Optional<ArmFacts> headline() {
    return arms.stream()
        .filter(arm -> arm.name().equals("cacheblend"))
        .findFirst()
        .or(() -> arms.stream().filter(arm -> arm.method().equals("cacheblend")).findFirst());
  }
}
