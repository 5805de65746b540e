package ai.cacheblend.worker.engine;

/**
 * Receives new tokens on the scheduler thread. It may block that thread for a bounded time if the
 * reader is slow, and then ends the request with a {@link WorkerException}.
 */
@FunctionalInterface
public interface TokenSink {
  void accept(NewToken token);
}
