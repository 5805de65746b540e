package ai.cacheblend.orchestrator.client;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A call that was started and may not have ended.
 *
 * @param sent when the call was sent, just before, on the clock of the client; empty before that
 * @param firstToken when the first token arrived; empty before that, and for calls without tokens
 * @param result completes on a thread of the client, which must not be blocked; if the call fails,
 *     with {@link WorkerException}
 */
public record PendingCall<T>(Moment sent, Moment firstToken, CompletableFuture<T> result) {

  /** A call without tokens. */
  public PendingCall(Moment sent, CompletableFuture<T> result) {
    this(sent, new Moment(), result);
  }

  /** A moment of a call. Written once, by one thread. */
  public static final class Moment {
    private volatile long nanos;
    private volatile boolean known;

    public void at(long atNanos) {
      nanos = atNanos;
      known = true;
    }

    public OptionalLong nanos() {
      return known ? OptionalLong.of(nanos) : OptionalLong.empty();
    }
  }
}
