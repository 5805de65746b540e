package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded first-in-first-out queue and the thread that runs its requests. The thread owns the
 * session and the KV pool. Each iteration admits waiting requests to the batch and runs one step
 * with rows of its requests.
 */
final class Scheduler {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  /** While all running requests wait for their readers or their tokens. */
  private static final long READER_POLL_NANOS = 1_000_000;

  /** While a step runs whose successor is launched later. */
  private static final long LAUNCH_POLL_NANOS = 50_000;

  private final int queueCapacity;
  private final StepExecutor executor;
  private final Batch batch;
  private final long busyPollNanos;
  private final Ticker ticker;
  private final Thread thread;
  private final CompletableFuture<WorkerException> deviceLoss = new CompletableFuture<>();

  @GuardedBy("this")
  private final Queue<Job<?>> waiting = new ArrayDeque<>();

  /** The batch, for other threads; changed by the scheduler thread. */
  @GuardedBy("this")
  private final List<Job<?>> running = new ArrayList<>();

  /** The requests with rows in the newest step. */
  @GuardedBy("this")
  private List<Job<?>> inStep = List.of();

  /** Why no more requests are accepted; null while they are. */
  @GuardedBy("this")
  private WorkerException refusal;

  /** Set after the queue has changed; read by the thread while it busy-polls. */
  private volatile boolean queueChanged;

  private volatile boolean aborted;

  /**
   * Starts the thread.
   *
   * @param queueCapacity requests that can wait
   * @param limits size of the batch and its steps
   * @param tokens sample the tokens of each step
   * @param landing passes on the results of a step while the next one is launched
   * @param busyPoll how long the idle thread polls the queue before it blocks; the next request
   *     would wait for a blocked thread to wake up
   */
  Scheduler(
      int queueCapacity,
      BatchLimits limits,
      StepExecutor executor,
      TokenThreads tokens,
      Executor landing,
      Duration busyPoll,
      Ticker ticker) {
    checkArgument(queueCapacity >= 1, "queue capacity is %s, must be 1 or more", queueCapacity);
    this.queueCapacity = queueCapacity;
    this.executor = executor;
    this.batch =
        new Batch(limits, executor, tokens, landing, this::startStep, this::loseDevice, ticker);
    this.busyPollNanos = busyPoll.toNanos();
    this.ticker = ticker;
    this.thread = new Thread(this::run, "scheduler");
    thread.setDaemon(true);
    thread.start();
  }

  <R> Ticket<R> submit(Request<R> request, Interruption interruption) {
    Job<R> job = new Job<>(request, interruption.or(this::abortReason), ticker.read());
    synchronized (this) {
      if (refusal != null) {
        throw new WorkerException(refusal.kind(), refusal.getMessage());
      }
      if (waiting.size() >= queueCapacity) {
        throw new WorkerException(
            FailureKind.CAPACITY_EXCEEDED,
            "the request queue is full ("
                + queueCapacity
                + " requests wait); retry later, or start the worker with a larger --queue");
      }
      waiting.add(job);
      notifyAll();
    }
    // After the lock is released, so that a polling thread does not contend for it.
    queueChanged = true;
    return new Ticket<>(job.result(), () -> withdraw(job));
  }

  synchronized int waitingCount() {
    return waiting.size();
  }

  /** Completes if a step shows that the device has failed, or the scheduler thread fails. */
  CompletableFuture<WorkerException> deviceLoss() {
    return deviceLoss;
  }

  /** Refuses new requests and waits until the accepted ones have ended, for a limited time. */
  synchronized void drain(Duration limit) throws InterruptedException {
    refuse(Failures.shuttingDown());
    long end = System.nanoTime() + limit.toNanos();
    while (!running.isEmpty() || !waiting.isEmpty()) {
      long leftMillis = (end - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return;
      }
      wait(leftMillis);
    }
  }

  /** Interrupts the running step, fails all requests, and returns when the thread has ended. */
  void abort() {
    aborted = true;
    List<Job<?>> dropped;
    synchronized (this) {
      refuse(Failures.shuttingDown());
      dropped = takeWaiting();
      if (!running.isEmpty()) {
        executor.interrupt();
      }
    }
    WorkerException reason = Failures.shuttingDown();
    dropped.forEach(job -> job.reject(reason.kind(), reason.getMessage()));
    Uninterruptibles.joinUninterruptibly(thread);
  }

  @GuardedBy("this")
  private void refuse(WorkerException reason) {
    if (refusal == null) {
      refusal = reason;
    }
    queueChanged = true;
    notifyAll();
  }

  @GuardedBy("this")
  private List<Job<?>> takeWaiting() {
    List<Job<?>> taken = new ArrayList<>(waiting);
    waiting.clear();
    return taken;
  }

  private void withdraw(Job<?> job) {
    boolean removed;
    synchronized (this) {
      removed = waiting.remove(job);
      // Under the lock, so that no other step can have started. A step with rows of other
      // requests completes.
      if (inStep.size() == 1 && inStep.contains(job)) {
        executor.interrupt();
      }
      notifyAll();
    }
    if (removed) {
      job.reject(FailureKind.CANCELLED, "the caller cancelled the request before it started");
    }
  }

  private Optional<FailureKind> abortReason() {
    return aborted ? Optional.of(FailureKind.SHUTTING_DOWN) : Optional.empty();
  }

  /** Without this thread no request would end: if it fails, all requests and the worker do. */
  @SuppressWarnings("CatchingUnchecked")
  private void run() {
    try {
      serve();
    } catch (Throwable t) {
      log.error("scheduler failed", t);
      WorkerException reason = Failures.schedulerFailed(t);
      List<Job<?>> left;
      synchronized (this) {
        left = List.copyOf(running);
        running.clear();
      }
      loseDevice(reason);
      left.forEach(job -> job.reject(reason.kind(), reason.getMessage()));
    }
  }

  private void serve() {
    while (admit()) {
      batch.prepare();
      if (requestArrivesBeforeTheNextStep()) {
        continue;
      }
      boolean idle = !batch.runStep();
      if (batch.removeEnded()) {
        publish();
      } else if (idle) {
        LockSupport.parkNanos(READER_POLL_NANOS);
      }
      if (batch.isEmpty()) {
        busyPoll();
      }
    }
  }

  /** Waits while the next step can wait. True if a request can be admitted to it. */
  private boolean requestArrivesBeforeTheNextStep() {
    while (batch.nextStepCanWait()) {
      if (batch.freeSlotCount() > 0 && waitingCount() > 0) {
        return true;
      }
      LockSupport.parkNanos(LAUNCH_POLL_NANOS);
    }
    return false;
  }

  /** Fills the batch from the queue; waits if both are empty. False if no more requests come. */
  private boolean admit() {
    if (batch.freeSlotCount() == 0) {
      return true;
    }
    synchronized (this) {
      while (batch.isEmpty() && waiting.isEmpty()) {
        if (refusal != null) {
          return false;
        }
        try {
          wait();
        } catch (InterruptedException e) {
          // The thread ends through abort() alone.
        }
      }
      while (batch.freeSlotCount() > 0 && !waiting.isEmpty()) {
        Job<?> job = waiting.remove();
        batch.add(job);
        running.add(job);
      }
    }
    return true;
  }

  private synchronized void startStep(List<Job<?>> jobs) {
    inStep = jobs;
  }

  private void loseDevice(WorkerException reason) {
    List<Job<?>> dropped;
    synchronized (this) {
      refuse(reason);
      dropped = takeWaiting();
    }
    dropped.forEach(job -> job.reject(reason.kind(), reason.getMessage()));
    deviceLoss.complete(reason);
  }

  /** Removes ended requests from the running ones. */
  private synchronized void publish() {
    running.retainAll(batch.jobs());
    inStep = List.of();
    notifyAll();
  }

  /** Returns when the queue has changed or the busy-poll duration has passed. */
  private void busyPoll() {
    if (busyPollNanos == 0) {
      return;
    }
    long end = ticker.read() + busyPollNanos;
    while (!(queueChanged && hasWork()) && ticker.read() < end) {
      Thread.onSpinWait();
    }
  }

  private synchronized boolean hasWork() {
    // Callers update the queue before they set this flag.
    queueChanged = false;
    return !waiting.isEmpty() || refusal != null;
  }
}
