package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.records.Origin;

/** A worker of the run, with its description at the beginning of the run. */
public record Worker(WorkerClient client, WorkerDescription description) {
  WorkerDescription.Model model() {
    return description.model();
  }

  public String address() {
    return client.address();
  }

  Origin origin(int session) {
    return new Origin(session, address(), description.device().label());
  }
}
