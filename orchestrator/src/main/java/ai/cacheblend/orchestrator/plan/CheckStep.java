package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One step of a schedule.
 *
 * @param layer decoder layer where rows are compared and selected, 1 or later
 * @param share share of all eligible cached rows that stay active after it
 */
public record CheckStep(int layer, double share) {
  public CheckStep {
    require(
        layer >= 1,
        "check_layer is " + layer + "; use 1 or later: KV of layer 0 depends on the token alone");
    Shares.check("recompute_ratio", share);
  }

  /** A copy of {@code steps}: at least one, layers ascending, shares not ascending. */
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

  /** {@code SHARE}, at {@code defaultLayer}, or {@code LAYER=SHARE,...}. */
  public static List<CheckStep> parse(String shares, int defaultLayer) {
    if (shares.indexOf('=') < 0) {
      return List.of(new CheckStep(defaultLayer, Shares.number("share", shares)));
    }
    List<CheckStep> steps = new ArrayList<>();
    for (String entry : Splitter.on(',').split(shares)) {
      List<String> sides = Splitter.on('=').trimResults().splitToList(entry);
      require(sides.size() == 2, "schedule entry is '" + entry + "'; write LAYER=SHARE");
      double layer = Shares.number("schedule layer", sides.get(0));
      require(layer == (int) layer, "schedule layer is " + layer + "; use a whole number");
      steps.add(new CheckStep((int) layer, Shares.number("schedule share", sides.get(1))));
    }
    return schedule(steps);
  }

  /** The text for which {@link #parse} returns {@code schedule}. */
  static String print(List<CheckStep> schedule, int defaultLayer) {
    if (schedule.size() == 1 && schedule.get(0).layer == defaultLayer) {
      return Shares.print(schedule.get(0).share);
    }
    return schedule.stream()
        .map(step -> step.layer + "=" + Shares.print(step.share))
        .collect(Collectors.joining(","));
  }
}
