package ai.cacheblend.worker.engine;

/** Categories of request failures. */
public enum FailureKind {
  /** Invalid in every state of the worker. */
  INVALID_REQUEST,
  /** A cached segment was not collected. */
  UNKNOWN_CHUNK,
  /** A queue, the KV pool, the chunk store or device memory is full. */
  CAPACITY_EXCEEDED,
  /** A lease excludes the caller. */
  LEASE_HELD,
  /** The worker has no such tier, or the tier stores nothing now. */
  TIER_UNAVAILABLE,
  /** The worker is shutting down. */
  SHUTTING_DOWN,
  CANCELLED,
  DEADLINE_EXCEEDED,
  /** The device failed before the request started; another worker can run it. */
  DEVICE_LOST,
  /** The runtime failed, or the model computed no valid result. */
  MODEL_FAILURE
}
