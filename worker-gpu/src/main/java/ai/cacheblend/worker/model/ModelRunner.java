package ai.cacheblend.worker.model;

/** Runs the graph. Called by one thread at a time. */
public interface ModelRunner extends AutoCloseable {
  /** {@link ModelFailureException} where the runtime refuses or fails. */
  StepOutput run(StepInput input);

  /**
   * Makes the step that runs now, if any, fail before long. Called by any thread; a step that can
   * not be broken off runs to its end.
   */
  default void interrupt() {}

  @Override
  void close();
}
