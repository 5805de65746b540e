package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.WorkerException;
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
 * Shares tasks out over workers and runs them, one at a time per worker.
 *
 * <p>Consistent hashing with bounded load: a task goes to the worker of its key, or to the next on
 * the ring that has less than its fair share (ten per cent over the mean, at least one). So the
 * same tasks go to the same workers in every run. The share of a worker that is lost moves to the
 * others by the same rule, without a bound.
 *
 * @param <T> task
 * @param <R> result
 */
final class SharedWork<T, R> {
  private static final double LOAD_BOUND = 1.1;

  /** A task that lost its worker is tried once more elsewhere. */
  private static final int MAX_ATTEMPTS = 2;

  /** How to do a task. */
  interface Job<T, R> {
    HashCode key(T task);

    double weight(T task);

    /**
     * Does it. Throws {@link WorkerException} of kind UNREACHABLE where the worker was lost and the
     * task may be done elsewhere.
     */
    Done<R> run(Worker worker, T task);

    /** The result of a task that lost every worker it was given to. */
    R givenUp(T task, Worker worker, String reason);
  }

  /**
   * A task's result.
   *
   * @param workerLost why the worker can take no more tasks; empty if it can
   */
  record Done<R>(R result, Optional<String> workerLost) {
    static <R> Done<R> of(R result) {
      return new Done<>(result, Optional.empty());
    }
  }

  private record Attempt<T>(T task, int number) {}

  private final Job<T, R> job;
  private final RunListener<R> listener;
  private final BooleanSupplier stop;

  @GuardedBy("this")
  private final Map<String, Deque<Attempt<T>>> queues = new LinkedHashMap<>();

  @GuardedBy("this")
  private final List<R> results = new ArrayList<>();

  @GuardedBy("this")
  private int unfinishedCount;

  @GuardedBy("this")
  private Optional<RuntimeException> failure = Optional.empty();

  SharedWork(Job<T, R> job, RunListener<R> listener) {
    this(job, listener, () -> false);
  }

  /**
   * Work that may end early.
   *
   * @param stop whether no further task starts; once true, it stays true
   */
  SharedWork(Job<T, R> job, RunListener<R> listener, BooleanSupplier stop) {
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
    synchronized (this) {
      failure.ifPresent(
          f -> {
            throw f;
          });
      return List.copyOf(results);
    }
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
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void attempt(Worker worker, Attempt<T> attempt) {
    try {
      Done<R> done = job.run(worker, attempt.task);
      finish(attempt, done.result);
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

  /** Waits while others run, since they may be lost and leave their share. */
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

  private synchronized void fail(RuntimeException e) {
    if (failure.isEmpty()) {
      failure = Optional.of(e);
    }
    notifyAll();
  }
}
