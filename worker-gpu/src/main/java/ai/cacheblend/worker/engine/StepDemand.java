package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Rows of one request that can be in the next step.
 *
 * @param rowCount rows in layer 0
 * @param cost rows, weighted by the share of the layers that compute them, rounded up
 */
record StepDemand(Kind kind, int rowCount, int cost) {
  enum Kind {
    /** One row that is in every step. */
    DECODE,
    /** Rows that can be divided between steps. Each costs 1. */
    DIVISIBLE,
    /** Rows that are in one step, all of them. */
    WHOLE
  }

  static final StepDemand DECODE = new StepDemand(Kind.DECODE, 1, 1);

  StepDemand {
    checkArgument(rowCount >= 1, "rowCount is %s, must be 1 or more", rowCount);
    checkArgument(cost >= 1 && cost <= rowCount, "cost is %s, must be 1 to %s", cost, rowCount);
  }

  static StepDemand divisible(int rowCount) {
    return new StepDemand(Kind.DIVISIBLE, rowCount, rowCount);
  }

  /**
   * @param rowLayers rows that the step computes, summed over layers
   */
  static StepDemand whole(int rowCount, long rowLayers, int layerCount) {
    return new StepDemand(
        Kind.WHOLE, rowCount, Math.toIntExact((rowLayers + layerCount - 1) / layerCount));
  }
}
