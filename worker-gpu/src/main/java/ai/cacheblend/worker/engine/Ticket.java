package ai.cacheblend.worker.engine;

import java.util.concurrent.CompletableFuture;

/**
 * A submitted request. The result completes on the scheduler thread, or on the one that withdraws.
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
   * Drops the request if it still waits; breaks off the step of one that runs, which then asks its
   * {@link Interruption}.
   */
  public void withdraw() {
    withdrawal.run();
  }
}
