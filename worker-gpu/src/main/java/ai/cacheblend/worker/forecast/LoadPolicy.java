package ai.cacheblend.worker.forecast;

/** What happens with the stored chunks of a prompt that are not on the device. */
public enum LoadPolicy {
  /** All are loaded. */
  LOAD,
  /** Those are loaded whose load makes the TTFT shorter; the rows of the others are computed. */
  AUTO
}
