package ai.cacheblend.worker.model;

import java.util.List;

/** Runs the graph. One thread at a time calls {@link #run} and {@link #close}. */
public interface ModelRunner extends AutoCloseable {
  /**
   * Runs a step. After a failed step, its sequences can only be closed.
   *
   * @return one result per sequence, in the order of the step
   * @throws DeviceMemoryException if the device has too little memory for the step
   * @throws ModelFailureException if the runtime rejects the step or fails
   */
  List<SequenceResult> run(Step step);

  /**
   * Starts a step, which a device runs behind the steps that were launched before. At most one of
   * these may still run; another thread may wait for it meanwhile. After a failed step, its
   * sequences can only be closed.
   *
   * @throws DeviceMemoryException if the device has too little memory for the step
   * @throws ModelFailureException if the runtime rejects the step or fails
   */
  default RunningStep launch(Step step) {
    return RunningStep.ended(run(step));
  }

  /** Whether {@link #launch} returns before the step has ended. */
  default boolean launchesAhead() {
    return false;
  }

  /**
   * Makes the running step, if any, fail early. Any thread may call it. A runner that cannot
   * interrupt a step completes it.
   */
  default void interrupt() {}

  @Override
  void close();
}
