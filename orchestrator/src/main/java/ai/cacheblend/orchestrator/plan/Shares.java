package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

/** Shares of rows. */
final class Shares {
  /** A share such as 0.15 of 20 rows is meant as 3, whatever binary fractions make of it. */
  private static final double ROUNDING_SLACK = 1e-9;

  private Shares() {}

  static void check(String field, double share) {
    require(share >= 0 && share <= 1, field + " is " + share + "; use a share from 0 to 1");
  }

  static int rowsOf(double share, int eligibleCount) {
    return (int) Math.max(0, Math.ceil(share * eligibleCount - ROUNDING_SLACK));
  }
}
