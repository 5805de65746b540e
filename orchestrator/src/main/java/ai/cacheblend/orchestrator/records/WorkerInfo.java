package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.WorkerDescription;

/** The description of a worker at the beginning of a run. */
public record WorkerInfo(String address, WorkerDescription description) {}
