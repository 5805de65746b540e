package ai.cacheblend.orchestrator.client;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A call that was started and may not have ended.
 *
 * @param sent when the call was sent, on the clock of the client; empty before that
 * @param result completes on a thread of the client, which must not be blocked; if the call fails,
 *     with {@link WorkerException}
 */
public record PendingCall<T>(Sent sent, CompletableFuture<T> result) {

  /** The moment just before a call was sent. Written once, by one thread. */
  public static final class Sent {
    private volatile long nanos;
    private volatile boolean known;

    public void at(long sentNanos) {
      nanos = sentNanos;
      known = true;
    }

    public OptionalLong nanos() {
      return known ? OptionalLong.of(nanos) : OptionalLong.empty();
    }
  }
}
