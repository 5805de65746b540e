package ai.cacheblend.worker.engine;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.model.DeviceMemoryException;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.Step;
import java.util.List;

/** Runs steps and classifies failures. Used by the scheduler thread, where nothing else is said. */
final class StepExecutor {
  private final ModelRunner runner;
  private final DeviceCheck deviceCheck;
  private final StepCounters counters = new StepCounters();

  StepExecutor(ModelRunner runner, DeviceCheck deviceCheck) {
    this.runner = requireNonNull(runner, "runner is null");
    this.deviceCheck = requireNonNull(deviceCheck, "deviceCheck is null");
  }

  /** Whether a step can be launched while the one before it runs. */
  boolean launchesAhead() {
    return runner.launchesAhead();
  }

  /** Another thread may wait for the step before meanwhile. */
  StepLaunch launch(List<SequenceStep> sequences) {
    counters.add(
        sequences.size(), sequences.stream().mapToLong(step -> step.positions().count()).sum());
    return new StepLaunch(() -> runner.launch(new Step(sequences)), this::classify);
  }

  /**
   * {@link StepOutcome.DeviceLost} if the device no longer works after this failure. Another thread
   * may launch a step meanwhile.
   */
  StepOutcome classify(Throwable failure) {
    if (failure instanceof WorkerException
        || failure instanceof KvExhaustedException
        || failure instanceof DeviceMemoryException) {
      return new StepOutcome.Failed(failure);
    }
    try {
      deviceCheck.check();
      return new StepOutcome.Failed(failure);
    } catch (RuntimeException e) {
      return new StepOutcome.DeviceLost(failure, String.valueOf(e.getMessage()));
    }
  }

  /** Any thread may call it. */
  StepStatistics statistics() {
    return counters.read();
  }

  /** Makes the running step fail early. Any thread may call it. */
  void interrupt() {
    runner.interrupt();
  }
}
