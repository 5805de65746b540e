package ai.cacheblend.worker.model;

import java.util.List;

/** A step that was launched. Steps end in the order in which they were launched. */
public interface RunningStep {
  /** Whether {@link #await} returns at once. */
  boolean ended();

  /**
   * Waits for the end of the step. Called once, before the step after the next one is launched.
   *
   * @return one result per sequence, in the order of the step
   * @throws ModelFailureException if the runtime fails
   */
  List<SequenceResult> await();

  /** A step that has ended. */
  static RunningStep ended(List<SequenceResult> results) {
    return new RunningStep() {
      @Override
      public boolean ended() {
        return true;
      }

      @Override
      public List<SequenceResult> await() {
        return results;
      }
    };
  }
}
