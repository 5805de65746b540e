package ai.cacheblend.orchestrator.plan;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Where a worker keeps stored chunks, below its device. */
public enum Tier {
  HOST("host"),
  DISK("disk"),
  STORE("store");

  private final String id;

  Tier(String id) {
    this.id = id;
  }

  /** The name on the command line, in plans and in records. */
  public String id() {
    return id;
  }

  public static Tier ofId(String id) {
    return Arrays.stream(values())
        .filter(tier -> tier.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new PlanException(
                    "tier is "
                        + id
                        + "; use "
                        + Arrays.stream(values())
                            .map(Tier::id)
                            .collect(Collectors.joining(" or "))));
  }
}
