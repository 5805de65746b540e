package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

/**
 * How long a worker is warmed up for a length, in trials of every arm.
 *
 * @param min trials that are run in any case
 * @param max trials after which measuring begins even if times are not stable yet
 * @param window the last so many trials must be stable
 * @param tolerance share of their mean by which they may drift from the first to the last, and
 *     spread (sample standard deviation)
 */
public record WarmUp(int min, int max, int window, double tolerance) {
  public static final int DEFAULT_CAP = 12;

  private static final int DEFAULT_WINDOW = 4;
  private static final double DEFAULT_TOLERANCE = 0.1;

  public WarmUp {
    require(min >= 0, "warmup is " + min + "; use 0 or more");
    require(max >= min, "warmup-cap is " + max + ", less than warmup, " + min + "; raise it");
    require(window >= 3, "warmup window is " + window + "; use 3 or more to see a slope");
    require(
        tolerance > 0 && Double.isFinite(tolerance),
        "warmup tolerance is " + tolerance + "; use more than 0, such as 0.1");
  }

  /** So many trials, stable or not. */
  public static WarmUp exactly(int trials) {
    return new WarmUp(trials, trials, DEFAULT_WINDOW, DEFAULT_TOLERANCE);
  }

  /** As many trials as it takes, at most {@code cap}. */
  public static WarmUp untilStable(int cap) {
    require(
        cap >= DEFAULT_WINDOW,
        "warmup-cap is " + cap + "; use " + DEFAULT_WINDOW + " or more, or --warmup N");
    return new WarmUp(DEFAULT_WINDOW, cap, DEFAULT_WINDOW, DEFAULT_TOLERANCE);
  }

  /** Whether it goes on until times are stable, rather than for a number of trials. */
  public boolean waits() {
    return max > min;
  }
}
