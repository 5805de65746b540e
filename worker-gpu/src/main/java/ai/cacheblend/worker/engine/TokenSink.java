package ai.cacheblend.worker.engine;

/**
 * Receives new tokens on the scheduler thread or the landing thread, one call at a time. Its
 * methods do not block.
 */
@FunctionalInterface
public interface TokenSink {
  void accept(NewToken token);

  /**
   * Whether the reader has read enough tokens for another one. The request is in no step meanwhile.
   *
   * @throws WorkerException if the reader has been too slow; the request ends
   */
  default boolean ready() {
    return true;
  }
}
