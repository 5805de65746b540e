package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.WorkerDescription;

/** A worker of a run, as it described itself when the run began. */
public record WorkerInfo(String address, WorkerDescription description) {}
