package ai.cacheblend.worker.engine;

/**
 * Takes new tokens on the scheduler thread. It may hold that thread for a bounded time where the
 * reader is slow, and ends the request with a {@link WorkerException} after that.
 */
@FunctionalInterface
public interface TokenSink {
  void accept(NewToken token);
}
