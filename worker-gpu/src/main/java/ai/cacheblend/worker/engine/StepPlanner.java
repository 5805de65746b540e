package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Divides the row budget of a step among requests: first one row for each request that decodes,
 * then the rows of prefills in order of arrival. The first prefill is in every step, so no request
 * waits for later ones. A later prefill whose rows do not fit is left out, and others behind it may
 * be taken.
 */
final class StepPlanner {
  /** The first prefill has this share of the budget, however many requests decode. */
  private static final int MIN_PREFILL_DIVISOR = 4;

  /** Limit of the rows in layer 0, as a multiple of the budget: they take memory. */
  private static final int MAX_ROWS_FACTOR = 4;

  private final int stepRows;

  /**
   * @param stepRows row budget of a step
   */
  StepPlanner(int stepRows) {
    checkArgument(stepRows >= 1, "step rows are %s, must be 1 or more", stepRows);
    this.stepRows = stepRows;
  }

  /**
   * Returns the rows of each request in the next step; 0: none. A single demand is granted whole.
   *
   * @param demands in order of arrival
   */
  int[] plan(List<StepDemand> demands) {
    int[] granted = new int[demands.size()];
    if (demands.size() == 1) {
      granted[0] = demands.get(0).rowCount();
      return granted;
    }
    int left = stepRows;
    for (int i = 0; i < granted.length; i++) {
      if (demands.get(i).kind() == StepDemand.Kind.DECODE) {
        granted[i] = 1;
        left--;
      }
    }
    left = Math.max(left, Math.max(1, stepRows / MIN_PREFILL_DIVISOR));
    long rowsLeft = (long) MAX_ROWS_FACTOR * stepRows;
    boolean first = true;
    for (int i = 0; i < granted.length; i++) {
      StepDemand demand = demands.get(i);
      if (demand.kind() == StepDemand.Kind.DECODE) {
        continue;
      }
      if (demand.kind() == StepDemand.Kind.DIVISIBLE) {
        granted[i] = Math.max(0, Math.min(demand.rowCount(), left));
        left -= granted[i];
      } else if (first || (demand.cost() <= left && demand.rowCount() <= rowsLeft)) {
        granted[i] = demand.rowCount();
        left -= demand.cost();
      }
      rowsLeft -= granted[i];
      first = false;
    }
    return granted;
  }
}
