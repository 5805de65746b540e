package ai.cacheblend.worker.engine;

import java.util.concurrent.CompletableFuture;

/**
 * A submitted request. Its result completes on the scheduler thread, on the landing thread, or in
 * {@link #withdraw}.
 */
public final class Ticket<R> {
  private final CompletableFuture<R> result;
  private final Runnable withdrawal;

  Ticket(CompletableFuture<R> result, Runnable withdrawal) {
    this.result = result;
    this.withdrawal = withdrawal;
  }

  public CompletableFuture<R> result() {
    return result;
  }

  /**
   * Removes the request from the queue. If it runs, interrupts its step, unless other requests have
   * rows in the same step; the request then ends at its next read of the {@link Interruption}.
   */
  public void withdraw() {
    withdrawal.run();
  }
}
