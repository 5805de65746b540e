package ai.cacheblend.orchestrator.run;

/**
 * Where a measurement was made.
 *
 * @param session 0 for the process that began the run, one more at each that resumed it
 * @param worker its address
 * @param device the UUID of its device, or its name
 */
public record Origin(int session, String worker, String device) {
  static Origin of(int session, Worker worker) {
    return new Origin(session, worker.address(), worker.description().device().label());
  }
}
