package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

/**
 * Length of the warm-up of a worker at a prompt length, in trials of every arm.
 *
 * @param min minimum number of trials
 * @param max maximum number of trials; measurement then begins even if times are not stable
 * @param window number of latest trials whose times must be stable
 * @param tolerance largest drift from the first to the last of them, and largest sample standard
 *     deviation, as a share of their mean
 */
public record WarmUp(int min, int max, int window, double tolerance) {
  private static final int DEFAULT_WINDOW = 4;
  private static final double DEFAULT_TOLERANCE = 0.1;

  public WarmUp {
    require(min >= 0, "warmup is " + min + "; use 0 or more");
    require(max >= min, "warmup-cap is " + max + ", less than warmup, " + min + "; raise it");
    require(window >= 3, "warmup window is " + window + "; use 3 or more to estimate a slope");
    require(
        tolerance > 0 && Double.isFinite(tolerance),
        "warmup tolerance is " + tolerance + "; use more than 0, such as 0.1");
  }

  /** A fixed number of trials. */
  public static WarmUp exactly(int trials) {
    return new WarmUp(trials, trials, DEFAULT_WINDOW, DEFAULT_TOLERANCE);
  }

  /** Trials until times are stable, at most {@code cap}. */
  public static WarmUp untilStable(int cap) {
    require(
        cap >= DEFAULT_WINDOW,
        "warmup-cap is " + cap + "; use " + DEFAULT_WINDOW + " or more, or --warmup N");
    return new WarmUp(DEFAULT_WINDOW, cap, DEFAULT_WINDOW, DEFAULT_TOLERANCE);
  }

  /** Whether the number of trials depends on the measured times. */
  public boolean waits() {
    return max > min;
  }
}
