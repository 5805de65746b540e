package ai.cacheblend.orchestrator.plan;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Which items of a data set become samples if it has more of them than a run uses. */
public enum Sampling {
  /** The first items. */
  FIRST("first"),
  /** Items drawn from the whole data set, by the seed of the plan; each is equally likely. */
  RANDOM("random");

  private final String id;

  Sampling(String id) {
    this.id = id;
  }

  /** The name in plans. */
  public String id() {
    return id;
  }

  public static Sampling ofId(String id) {
    return Arrays.stream(values())
        .filter(sampling -> sampling.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new PlanException(
                    "sampling is "
                        + id
                        + "; use "
                        + Arrays.stream(values())
                            .map(Sampling::id)
                            .collect(Collectors.joining(" or "))));
  }
}
