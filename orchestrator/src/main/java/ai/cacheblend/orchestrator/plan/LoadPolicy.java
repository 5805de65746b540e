package ai.cacheblend.orchestrator.plan;

import java.util.Arrays;

/** What a worker does with stored chunks that are not on its device. */
public enum LoadPolicy {
  /** It loads all of them. */
  LOAD("load"),
  /** It computes the rows of those whose load would take longer. */
  AUTO("auto");

  private final String id;

  LoadPolicy(String id) {
    this.id = id;
  }

  /** The name on the command line and in plans. */
  public String id() {
    return id;
  }

  public static LoadPolicy ofId(String id) {
    return Arrays.stream(values())
        .filter(policy -> policy.id.equals(id))
        .findFirst()
        .orElseThrow(() -> new PlanException("tier-policy is " + id + "; use load or auto"));
  }
}
