package ai.cacheblend.orchestrator.load;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual time: a discrete-event simulation on one thread. */
final class SimulatedPace implements Pace {
  private record Event(long nanos, long number, Runnable work) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::nanos).thenComparingLong(Event::number));
  private final ArrayDeque<Runnable> posted = new ArrayDeque<>();
  private long nowNanos = 1_000_000_000;
  private long eventCount;

  /** Runs {@code work} at a moment. */
  void at(long nanos, Runnable work) {
    events.add(new Event(nanos, eventCount++, work));
  }

  /** The thread that runs the events does nothing else for so long. */
  void stall(long byNanos) {
    nowNanos += byNanos;
  }

  @Override
  public long nanos() {
    return nowNanos;
  }

  @Override
  public void post(Runnable work) {
    posted.add(work);
  }

  @Override
  public void run(long untilNanos) {
    while (posted.isEmpty()) {
      if (events.isEmpty() || events.element().nanos > untilNanos) {
        if (untilNanos == Long.MAX_VALUE) {
          throw new IllegalStateException("nothing will ever happen");
        }
        nowNanos = Math.max(nowNanos, untilNanos);
        return;
      }
      Event next = events.remove();
      nowNanos = Math.max(nowNanos, next.nanos);
      next.work.run();
    }
    posted.remove().run();
  }
}
