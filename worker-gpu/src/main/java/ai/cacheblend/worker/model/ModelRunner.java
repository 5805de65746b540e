package ai.cacheblend.worker.model;

/** Runs the graph. Called by one thread at a time. */
public interface ModelRunner extends AutoCloseable {
  /** {@link ModelFailureException} where the runtime refuses or fails. */
  StepOutput run(StepInput input);

  @Override
  void close();
}
