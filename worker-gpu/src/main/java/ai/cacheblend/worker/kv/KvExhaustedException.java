package ai.cacheblend.worker.kv;

/**
 * KV memory that was asked for cannot be had now; the message says how much was needed and free.
 */
public class KvExhaustedException extends RuntimeException {
  public KvExhaustedException(String message) {
    super(message);
  }
}
