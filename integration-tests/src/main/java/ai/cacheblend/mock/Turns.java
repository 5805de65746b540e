package ai.cacheblend.mock;

import io.grpc.Status;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Admits one request at a time, first come, first served, with a bounded queue. */
final class Turns {
  private final Semaphore turn = new Semaphore(1, true);
  private final AtomicInteger waitingCount = new AtomicInteger();
  private final int capacity;

  Turns(int capacity) {
    this.capacity = capacity;
  }

  /** Returns whether the request had to wait. */
  boolean acquire() {
    if (turn.tryAcquire()) {
      return false;
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
    return true;
  }

  void release() {
    turn.release();
  }
}
