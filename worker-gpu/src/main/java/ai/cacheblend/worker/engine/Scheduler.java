package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * A bounded first-in-first-out queue and the one thread that serves it, each request from start to
 * end. That thread owns the session and the KV pool.
 */
final class Scheduler {
  /** A request on the scheduler thread. */
  @FunctionalInterface
  interface Work<R> {
    R run(Interruption interruption, long queueNanos);
  }

  private final int capacity;
  private final Runnable interruptStep;
  private final long alertNanos;
  private final Ticker ticker;
  private final Thread thread;

  @GuardedBy("this")
  private final Queue<Job<?>> waiting = new ArrayDeque<>();

  @GuardedBy("this")
  private boolean accepting = true;

  /** The request that runs; null between requests. */
  @GuardedBy("this")
  private Job<?> running;

  /** The queue may have changed: what the thread looks at while it is alert. */
  private volatile boolean called;

  private volatile boolean aborted;

  /**
   * A queue and its thread.
   *
   * @param interruptStep makes a step that runs on the scheduler thread end early
   * @param alertness how long the thread, between requests, looks for the next before it sleeps:
   *     waking it up takes its time, which the request would wait for
   */
  Scheduler(int capacity, Runnable interruptStep, Duration alertness, Ticker ticker) {
    checkArgument(capacity >= 1, "queue capacity is %s; give 1 or more", capacity);
    this.capacity = capacity;
    this.interruptStep = interruptStep;
    this.alertNanos = alertness.toNanos();
    this.ticker = ticker;
    this.thread = new Thread(this::serve, "scheduler");
    thread.setDaemon(true);
    thread.start();
  }

  <R> Ticket<R> submit(Work<R> work, Interruption interruption) {
    Job<R> job = new Job<>(work, interruption.or(this::abortReason), ticker.read());
    synchronized (this) {
      if (!accepting) {
        throw new WorkerException(
            FailureKind.SHUTTING_DOWN, "the worker is shutting down; send to another worker");
      }
      if (waiting.size() >= capacity) {
        throw new WorkerException(
            FailureKind.CAPACITY_EXCEEDED,
            "the queue is full: "
                + capacity
                + " requests wait already; try again later, or start the worker with a larger --queue");
      }
      waiting.add(job);
      notifyAll();
    }
    // Behind the lock, so that the thread need not wait for it.
    called = true;
    return new Ticket<>(job.result, () -> withdraw(job));
  }

  synchronized int waitingCount() {
    return waiting.size();
  }

  /** No new requests; gives those that were accepted so long to end. */
  synchronized void drain(Duration atMost) throws InterruptedException {
    accepting = false;
    called = true;
    notifyAll();
    long end = System.nanoTime() + atMost.toNanos();
    while (running != null || !waiting.isEmpty()) {
      long leftMillis = (end - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return;
      }
      wait(leftMillis);
    }
  }

  /**
   * Breaks off the running request, fails the waiting ones, and returns when the thread has ended.
   */
  void abort() throws InterruptedException {
    aborted = true;
    List<Job<?>> dropped;
    synchronized (this) {
      accepting = false;
      dropped = new ArrayList<>(waiting);
      waiting.clear();
      if (running != null) {
        interruptStep.run();
      }
      called = true;
      notifyAll();
    }
    dropped.forEach(job -> job.fail(FailureKind.SHUTTING_DOWN, "the worker is shutting down"));
    thread.join();
  }

  private void withdraw(Job<?> job) {
    boolean removed;
    synchronized (this) {
      removed = waiting.remove(job);
      if (running == job) {
        // Under the lock: no other request can have started.
        interruptStep.run();
      }
      notifyAll();
    }
    if (removed) {
      job.fail(
          job.interruption.reason().orElse(FailureKind.CANCELLED),
          "the caller gave up before the request started");
    }
  }

  private Optional<FailureKind> abortReason() {
    return aborted ? Optional.of(FailureKind.SHUTTING_DOWN) : Optional.empty();
  }

  private void serve() {
    for (Job<?> job = next(); job != null; job = next()) {
      job.run(ticker);
      synchronized (this) {
        running = null;
        notifyAll();
      }
      beAlert();
    }
  }

  /** Returns when there may be something to do, or when it is time to sleep. */
  private void beAlert() {
    if (alertNanos == 0) {
      return;
    }
    long end = ticker.read() + alertNanos;
    while (!(called && hasSomethingToDo()) && ticker.read() < end) {
      Thread.onSpinWait();
    }
  }

  private synchronized boolean hasSomethingToDo() {
    // Whoever calls has changed the queue before.
    called = false;
    return !waiting.isEmpty() || !accepting;
  }

  /** Null when there will be no more. */
  private synchronized Job<?> next() {
    while (waiting.isEmpty()) {
      if (!accepting) {
        return null;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        // Nobody interrupts this thread; abort() ends it.
      }
    }
    running = waiting.remove();
    return running;
  }

  private static final class Job<R> {
    private final Work<R> work;
    private final Interruption interruption;
    private final long arrivalNanos;
    private final CompletableFuture<R> result = new CompletableFuture<>();

    Job(Work<R> work, Interruption interruption, long arrivalNanos) {
      this.work = work;
      this.interruption = interruption;
      this.arrivalNanos = arrivalNanos;
    }

    /** Whatever goes wrong ends this request and never the thread. */
    @SuppressWarnings("CatchingUnchecked")
    void run(Ticker ticker) {
      R value;
      try {
        interruption.check();
        value = work.run(interruption, ticker.read() - arrivalNanos);
      } catch (Throwable t) {
        result.completeExceptionally(interrupted(t).orElse(t));
        return;
      }
      result.complete(value);
    }

    /** A step that was broken off fails in its own way; what counts is why it was. */
    private Optional<Throwable> interrupted(Throwable failure) {
      try {
        interruption.check();
        return Optional.empty();
      } catch (WorkerException e) {
        e.addSuppressed(failure);
        return Optional.of(e);
      }
    }

    void fail(FailureKind kind, String message) {
      result.completeExceptionally(new WorkerException(kind, message));
    }
  }
}
