package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.List;

/**
 * One step of a schedule.
 *
 * @param layer decoder layer where rows are compared and chosen, 1 or later
 * @param share share of all eligible cached rows that stay active after it
 */
public record CheckStep(int layer, double share) {
  public CheckStep {
    require(
        layer >= 1,
        "check_layer is "
            + layer
            + "; use 1 or later: at layer 0 the KV depends on the token alone");
    Shares.check("recompute_ratio", share);
  }

  /** A copy of {@code steps} if they are a schedule: at least one, layers ascending, shares not. */
  static List<CheckStep> schedule(List<CheckStep> steps) {
    require(!steps.isEmpty(), "schedule is empty; give at least one LAYER=SHARE");
    for (int i = 1; i < steps.size(); i++) {
      CheckStep before = steps.get(i - 1);
      CheckStep step = steps.get(i);
      require(
          before.layer < step.layer,
          "schedule has layer "
              + step.layer
              + " after "
              + before.layer
              + "; list layers ascending");
      require(
          before.share >= step.share,
          "schedule has share "
              + step.share
              + " after "
              + before.share
              + "; a later layer cannot keep more rows");
    }
    return List.copyOf(steps);
  }
}
