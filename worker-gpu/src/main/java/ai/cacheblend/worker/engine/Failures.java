package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.model.DeviceMemoryException;
import ai.cacheblend.worker.model.ModelFailureException;

/** Maps failures of the packages below to failure kinds. */
final class Failures {
  private Failures() {}

  /** Unexpected failures remain as they are. */
  static Throwable ofRequest(Throwable failure) {
    if (failure instanceof KvExhaustedException) {
      return new WorkerException(FailureKind.CAPACITY_EXCEEDED, failure.getMessage(), failure);
    }
    if (failure instanceof DeviceMemoryException) {
      return new WorkerException(
          FailureKind.CAPACITY_EXCEEDED,
          failure.getMessage()
              + "; shorten the prompt, or start the worker with a smaller --kv-memory or"
              + " --chunk-memory",
          failure);
    }
    if (failure instanceof ModelFailureException) {
      return new WorkerException(FailureKind.MODEL_FAILURE, failure.getMessage(), failure);
    }
    return failure;
  }

  static WorkerException deviceLost(String reason) {
    return new WorkerException(
        FailureKind.DEVICE_LOST,
        "the device failed and the worker is stopping: " + reason + "; restart the worker");
  }

  static WorkerException schedulerFailed(Throwable cause) {
    return new WorkerException(
        FailureKind.DEVICE_LOST,
        "the scheduler failed and the worker is stopping: " + cause + "; restart the worker",
        cause);
  }

  static WorkerException shuttingDown() {
    return new WorkerException(
        FailureKind.SHUTTING_DOWN, "the worker is shutting down; send to another worker");
  }
}
