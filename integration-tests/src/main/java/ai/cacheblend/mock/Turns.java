package ai.cacheblend.mock;

import io.grpc.Status;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Admits one request at a time, first come, first served, with a bounded queue. */
final class Turns {
  private final Semaphore turn = new Semaphore(1, true);
  private final AtomicInteger waitingCount = new AtomicInteger();
  private final int capacity;

  /** Belongs to the running request. */
  private long freeNanos = Long.MIN_VALUE;

  Turns(int capacity) {
    this.capacity = capacity;
  }

  /** Waits until the request is the running one. */
  void acquire() {
    if (turn.tryAcquire()) {
      return;
    }
    if (waitingCount.incrementAndGet() > capacity) {
      waitingCount.decrementAndGet();
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("the request queue is full: " + capacity + " requests wait")
          .asRuntimeException();
    }
    try {
      turn.acquireUninterruptibly();
    } finally {
      waitingCount.decrementAndGet();
    }
  }

  /**
   * Ends the running request.
   *
   * @param endNanos when its script ended
   */
  void release(long endNanos) {
    freeNanos = Math.max(freeNanos, endNanos);
    turn.release();
  }

  /**
   * When the request before ended by its script. A request that waited starts then, so that the
   * time to wake threads does not add up over a queue.
   */
  long freeNanos() {
    return freeNanos;
  }
}
