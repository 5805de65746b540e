package ai.cacheblend.mock;

import io.grpc.Status;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** One request at a time, in the order they came, and no more than so many waiting. */
final class Turns {
  private final Semaphore turn = new Semaphore(1, true);
  private final AtomicInteger waitingCount = new AtomicInteger();
  private final int capacity;

  Turns(int capacity) {
    this.capacity = capacity;
  }

  /** Returns whether it had to wait. */
  boolean take() {
    if (turn.tryAcquire()) {
      return false;
    }
    if (waitingCount.incrementAndGet() > capacity) {
      waitingCount.decrementAndGet();
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("the request queue is full: " + capacity + " wait")
          .asRuntimeException();
    }
    try {
      turn.acquireUninterruptibly();
    } finally {
      waitingCount.decrementAndGet();
    }
    return true;
  }

  void give() {
    turn.release();
  }
}
