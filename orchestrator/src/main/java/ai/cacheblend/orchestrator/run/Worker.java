package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.client.WorkerException;

/** A worker of the run, and what it said about itself when the run began. */
public record Worker(WorkerClient client, WorkerDescription description) {
  WorkerDescription.Model model() {
    return description.model();
  }

  public String address() {
    return client.address();
  }

  /** To be asked behind a block, outside of what is timed: its figures are of now. */
  DeviceState deviceState() {
    if (description.device().state().statistics().isEmpty()) {
      return DeviceState.UNKNOWN;
    }
    try {
      return client.describe().device().state();
    } catch (WorkerException e) {
      // The next block meets the same failure, and records it.
      return DeviceState.UNKNOWN;
    }
  }
}
