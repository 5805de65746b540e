package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.SequenceResult;
import java.util.List;

/** What a step means for its requests and for the worker. */
sealed interface StepOutcome {
  /** One result per sequence, in the order of the step. */
  record Completed(List<SequenceResult> results) implements StepOutcome {}

  /** The requests of the step fail; later requests can run. */
  record Failed(Throwable cause) implements StepOutcome {}

  /** The requests of the step fail and no further step can run on the device. */
  record DeviceLost(Throwable cause, String reason) implements StepOutcome {}
}
