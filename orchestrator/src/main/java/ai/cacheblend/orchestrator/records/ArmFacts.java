package ai.cacheblend.orchestrator.records;

/**
 * An arm of a plan.
 *
 * @param method {@code full_prefill}, {@code full_kv_reuse} or {@code cacheblend}
 * @param definition all its fields as the plan has them, to tell arms of one name apart
 */
public record ArmFacts(String name, String method, String definition) {

  static ArmFacts of(JsonSource json) {
    return new ArmFacts(json.text("name"), json.text("method"), json.node().toString());
  }

  /** Whether others are compared with it. */
  public boolean isBaseline() {
    return method.equals("full_prefill");
  }
}
