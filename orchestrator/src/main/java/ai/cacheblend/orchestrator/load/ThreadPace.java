package ai.cacheblend.orchestrator.load;

import com.google.common.base.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** Real time. Construct it on the thread that calls {@link #run}. */
final class ThreadPace implements Pace {
  /** Timers of Linux end up to 50 µs late (timer slack). */
  private static final long SPIN_NANOS = 60_000;

  /** Bounds the harm of a lost wake-up. */
  private static final long MAX_PARK_NANOS = 50_000_000;

  private final Ticker ticker;
  private final Thread owner = Thread.currentThread();
  private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();

  ThreadPace(Ticker ticker) {
    this.ticker = ticker;
  }

  @Override
  public long nanos() {
    return ticker.read();
  }

  @Override
  public void post(Runnable work) {
    posted.add(work);
    LockSupport.unpark(owner);
  }

  @Override
  public void run(long untilNanos) {
    while (true) {
      if (runPosted()) {
        return;
      }
      long leftNanos = untilNanos == Long.MAX_VALUE ? Long.MAX_VALUE : untilNanos - ticker.read();
      if (leftNanos <= 0) {
        return;
      }
      if (leftNanos > SPIN_NANOS) {
        LockSupport.parkNanos(this, Math.min(leftNanos - SPIN_NANOS, MAX_PARK_NANOS));
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /** Runs one piece of work: a request may be due before the next. */
  private boolean runPosted() {
    Runnable work = posted.poll();
    if (work == null) {
      return false;
    }
    work.run();
    return true;
  }
}
