package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.worker.model.Step;

/**
 * Size of the steps in which requests share the device.
 *
 * @param maxSequences requests that run at once
 * @param stepRows row budget of a step. A row that only some layers compute counts as their share.
 *     A request whose rows cannot be divided may exceed it, and so may one that is alone in a step
 */
public record BatchLimits(int maxSequences, int stepRows) {
  public BatchLimits {
    checkArgument(
        maxSequences >= 1 && maxSequences <= Step.MAX_SEQUENCE_COUNT,
        "--max-sequences is %s, expected 1 to %s",
        maxSequences,
        Step.MAX_SEQUENCE_COUNT);
    checkArgument(stepRows >= 1, "--step-rows is %s, expected 1 or more", stepRows);
  }
}
