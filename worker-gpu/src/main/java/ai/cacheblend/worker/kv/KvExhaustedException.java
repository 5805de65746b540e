package ai.cacheblend.worker.kv;

/** KV memory is full. The message gives the needed and free amounts and the remedy. */
public class KvExhaustedException extends RuntimeException {
  public KvExhaustedException(String message) {
    super(message);
  }

  public KvExhaustedException(String message, Throwable cause) {
    super(message, cause);
  }
}
