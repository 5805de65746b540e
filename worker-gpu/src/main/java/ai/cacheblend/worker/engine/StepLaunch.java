package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.RunningStep;
import java.util.function.Function;
import java.util.function.Supplier;

/** An attempt to launch a step. */
final class StepLaunch {
  private final Function<Throwable, StepOutcome> classifier;

  /** Null if the launch has failed. */
  private RunningStep step;

  private Throwable failure;

  /**
   * Launches the step.
   *
   * @param classifier makes outcomes of failures
   */
  @SuppressWarnings("CatchingUnchecked")
  StepLaunch(Supplier<RunningStep> launch, Function<Throwable, StepOutcome> classifier) {
    this.classifier = classifier;
    try {
      this.step = launch.get();
    } catch (Throwable t) {
      this.failure = t;
    }
  }

  /** Whether the step was launched; otherwise the outcome is its failure. */
  boolean running() {
    return step != null;
  }

  /** Whether {@link #outcome} returns at once. */
  boolean ended() {
    return step == null || step.ended();
  }

  /** Waits for the end of the step. Called once. */
  @SuppressWarnings("CatchingUnchecked")
  StepOutcome outcome() {
    if (step == null) {
      return classifier.apply(failure);
    }
    try {
      return new StepOutcome.Completed(step.await());
    } catch (Throwable t) {
      return classifier.apply(t);
    }
  }
}
