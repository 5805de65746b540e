package ai.cacheblend.worker.model;

import java.util.List;

/** A step that was launched. Steps end in the order in which they were launched. */
@FunctionalInterface
public interface RunningStep {
  /**
   * Waits for the end of the step. Called once, before the step after the next one is launched.
   *
   * @return one result per sequence, in the order of the step
   * @throws ModelFailureException if the runtime fails
   */
  List<SequenceResult> await();
}
