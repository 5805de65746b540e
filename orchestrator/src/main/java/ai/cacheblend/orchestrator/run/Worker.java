package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerDescription;

/** A worker of the run, and what it said about itself when the run began. */
public record Worker(WorkerClient client, WorkerDescription description) {
  WorkerDescription.Model model() {
    return description.model();
  }

  public String address() {
    return client.address();
  }
}
