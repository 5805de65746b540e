package ai.cacheblend.orchestrator.records;

/**
 * An arm of the plan of a finished run.
 *
 * @param method {@code full_prefill}, {@code prefix_caching}, {@code full_kv_reuse} or {@code
 *     cacheblend}
 * @param definition all fields of the arm as JSON text; differs between arms of the same name
 */
public record PlannedArm(String name, String method, String definition) {

  static PlannedArm read(JsonValue json) {
    return new PlannedArm(json.text("name"), json.text("method"), json.node().toString());
  }

  /** Whether this is the arm that others are compared with. */
  public boolean isBaseline() {
    return method.equals("full_prefill");
  }
}
