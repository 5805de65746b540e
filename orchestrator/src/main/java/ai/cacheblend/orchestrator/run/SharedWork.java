package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.records.BlockListener;
import com.google.common.base.Throwables;
import com.google.common.hash.HashCode;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Distributes tasks over workers and runs them, one at a time per worker.
 *
 * <p>Consistent hashing with bounded load: a task goes to the worker of its key, or to the next
 * worker on the ring that has less than its share (ten per cent over the mean, at least one task).
 * The same tasks therefore go to the same workers in every run. The tasks of a lost worker move to
 * the other workers by the same rule, without a bound.
 *
 * @param <T> task
 * @param <R> result
 */
final class SharedWork<T, R> {
  private static final double LOAD_BOUND = 1.1;

  /** A task that loses its worker is tried once more on another. */
  private static final int MAX_ATTEMPTS = 2;

  /** Runs tasks. */
  interface Job<T, R> {
    HashCode key(T task);

    double weight(T task);

    /**
     * Runs a task.
     *
     * @throws WorkerException of kind UNREACHABLE if the worker was lost and the task can be run on
     *     another
     */
    Done<R> run(Worker worker, T task);

    /** The result of a task whose {@link #MAX_ATTEMPTS} workers were lost. */
    R givenUp(T task, Worker worker, String reason);
  }

  /**
   * A task's result.
   *
   * @param workerLost why the worker cannot take further tasks; empty if it can. The result is
   *     dropped if the task can be run on another worker
   */
  record Done<R>(R result, Optional<String> workerLost) {
    static <R> Done<R> of(R result) {
      return new Done<>(result, Optional.empty());
    }
  }

  private record Attempt<T>(T task, int number) {}

  private final Job<T, R> job;
  private final BlockListener<R> listener;
  private final BooleanSupplier stop;

  @GuardedBy("this")
  private final Map<String, Deque<Attempt<T>>> queues = new LinkedHashMap<>();

  @GuardedBy("this")
  private final List<R> results = new ArrayList<>();

  @GuardedBy("this")
  private int unfinishedCount;

  @GuardedBy("this")
  private Optional<Throwable> failure = Optional.empty();

  SharedWork(Job<T, R> job, BlockListener<R> listener) {
    this(job, listener, () -> false);
  }

  /**
   * Work that may end early.
   *
   * @param stop whether no further task starts; once true, it stays true
   */
  SharedWork(Job<T, R> job, BlockListener<R> listener, BooleanSupplier stop) {
    this.job = job;
    this.listener = listener;
    this.stop = stop;
  }

  /** Runs all tasks; each worker takes its tasks in the order of the list. */
  List<R> run(List<Worker> workers, List<T> tasks) {
    share(workers, tasks);
    List<Thread> threads = new ArrayList<>();
    for (Worker worker : workers) {
      Thread thread = new Thread(() -> work(worker), "worker " + worker.address());
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RunFailedException("interrupted");
      }
    }
    return results(tasks.size());
  }

  /** All results. Throws if one is missing: a partial list is not the result of a run. */
  private synchronized List<R> results(int taskCount) {
    if (failure.isPresent()) {
      Throwables.throwIfUnchecked(failure.get());
      throw new IllegalStateException("unexpected checked exception", failure.get());
    }
    if (results.size() != taskCount && !stop.getAsBoolean()) {
      throw new RunFailedException(
          results.size() + " of " + taskCount + " tasks have a result; see the log");
    }
    return List.copyOf(results);
  }

  private synchronized void share(List<Worker> workers, List<T> tasks) {
    workers.forEach(worker -> queues.put(worker.address(), new ArrayDeque<>()));
    HashRing ring = new HashRing(List.copyOf(queues.keySet()));
    int bound = (int) Math.ceil(tasks.size() * LOAD_BOUND / workers.size());
    for (T task : tasks) {
      for (String address : ring.preference(job.key(task))) {
        Deque<Attempt<T>> queue = queues.get(address);
        if (queue.size() < bound) {
          queue.add(new Attempt<>(task, 1));
          break;
        }
      }
    }
    unfinishedCount = tasks.size();
  }

  private void work(Worker worker) {
    try {
      Optional<Attempt<T>> next = take(worker);
      while (next.isPresent()) {
        attempt(worker, next.get());
        next = take(worker);
      }
    } catch (Throwable e) {
      // Also errors: otherwise the tasks of the thread would be missing without a failure.
      fail(e);
    }
  }

  private void attempt(Worker worker, Attempt<T> attempt) {
    try {
      Done<R> done = job.run(worker, attempt.task);
      if (done.workerLost.isEmpty() || !moved(worker, attempt)) {
        finish(attempt, done.result);
      }
      done.workerLost.ifPresent(reason -> lose(worker, reason));
    } catch (WorkerException e) {
      if (e.kind() != WorkerException.Kind.UNREACHABLE) {
        throw e;
      }
      if (attempt.number < MAX_ATTEMPTS) {
        putBack(worker, new Attempt<>(attempt.task, attempt.number + 1));
      } else {
        finish(attempt, job.givenUp(attempt.task, worker, e.getMessage()));
      }
      lose(worker, e.getMessage());
    }
  }

  /** Waits while other workers run: their tasks move here if they are lost. */
  private synchronized Optional<Attempt<T>> take(Worker worker) {
    while (failure.isEmpty()
        && !stop.getAsBoolean()
        && unfinishedCount > 0
        && queues.containsKey(worker.address())) {
      Attempt<T> next = queues.get(worker.address()).poll();
      if (next != null) {
        return Optional.of(next);
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Whether the task will be run on another worker; its result is then dropped. */
  private synchronized boolean moved(Worker worker, Attempt<T> attempt) {
    if (attempt.number == MAX_ATTEMPTS || queues.size() == 1 || stop.getAsBoolean()) {
      return false;
    }
    putBack(worker, new Attempt<>(attempt.task, attempt.number + 1));
    return true;
  }

  private synchronized void putBack(Worker worker, Attempt<T> attempt) {
    queues.get(worker.address()).addFirst(attempt);
  }

  private synchronized void finish(Attempt<T> attempt, R result) {
    results.add(result);
    unfinishedCount--;
    listener.finished(result, job.weight(attempt.task));
    notifyAll();
  }

  private synchronized void lose(Worker worker, String reason) {
    Deque<Attempt<T>> share = queues.remove(worker.address());
    listener.workerLost(worker.address(), reason);
    if (queues.isEmpty() && unfinishedCount > 0 && !stop.getAsBoolean()) {
      fail(new RunFailedException("no worker is left: " + reason));
    } else if (!queues.isEmpty()) {
      HashRing ring = new HashRing(List.copyOf(queues.keySet()));
      for (Attempt<T> attempt : share) {
        queues.get(ring.preference(job.key(attempt.task)).get(0)).add(attempt);
      }
    }
    notifyAll();
  }

  private synchronized void fail(Throwable e) {
    if (failure.isEmpty()) {
      failure = Optional.of(e);
    }
    notifyAll();
  }
}
