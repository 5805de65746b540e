package ai.cacheblend.worker.engine;

/** What kind of failure ended a request. */
public enum FailureKind {
  /** Wrong whatever the state of the worker. */
  INVALID_REQUEST,
  /** A cached segment was not collected. */
  UNKNOWN_CHUNK,
  /** Queue, KV pool or chunk store is full. */
  CAPACITY_EXCEEDED,
  /** The worker is shutting down. */
  SHUTTING_DOWN,
  CANCELLED,
  DEADLINE_EXCEEDED,
  /** The runtime failed. */
  MODEL_FAILURE
}
