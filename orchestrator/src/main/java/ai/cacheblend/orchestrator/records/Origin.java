package ai.cacheblend.orchestrator.records;

/**
 * Session, worker and device of a measurement.
 *
 * @param session 0 for the process that began the run, incremented by each resume
 * @param worker {@code HOST:PORT}
 * @param device UUID of the worker's device, or its name if it has no UUID
 */
public record Origin(int session, String worker, String device) {}
