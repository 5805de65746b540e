package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SharedWorkTest {
  private static final List<Integer> TASKS = IntStream.range(0, 20).boxed().toList();

  private final List<String> lost = Collections.synchronizedList(new ArrayList<>());

  @Test
  void singleWorkerRunsTasksInOrder() {
    assertThat(run(1, (worker, task) -> "done " + task))
        .containsExactlyElementsOf(TASKS.stream().map(task -> "done " + task).toList());
  }

  @Test
  void assignmentIsBalancedAndDeterministic() {
    List<String> first = run(3, (worker, task) -> worker.address() + " " + task);

    assertThat(first).hasSize(TASKS.size());
    assertThat(first.stream().map(result -> result.substring(0, result.indexOf(' '))).distinct())
        .hasSize(3);
    assertThat(run(3, (worker, task) -> worker.address() + " " + task))
        .containsExactlyInAnyOrderElementsOf(first);
  }

  @Test
  void errorInTheOnlyWorkerThreadEndsTheRun() {
    assertThatThrownBy(() -> run(1, SharedWorkTest::outOfMemoryAtSeven))
        .isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void errorInOneOfSeveralWorkerThreadsEndsTheRun() {
    assertThatThrownBy(() -> run(3, SharedWorkTest::outOfMemoryAtSeven))
        .isInstanceOf(OutOfMemoryError.class);
  }

  private static String outOfMemoryAtSeven(Worker worker, int task) {
    if (task == 7) {
      throw new OutOfMemoryError("scripted");
    }
    return "done " + task;
  }

  @Test
  void errorOfAListenerEndsTheRun() {
    SharedWork<Integer, String> work =
        new SharedWork<>(
            job((worker, task) -> "done"),
            new BlockListener<>() {
              @Override
              public void finished(String result, double weight) {
                throw new AssertionError("scripted");
              }
            });

    assertThatThrownBy(() -> work.run(workers(2), TASKS)).isInstanceOf(AssertionError.class);
  }

  @Test
  void interruptedWorkerThreadDoesNotReturnAPartialResult() {
    assertThatThrownBy(
            () ->
                run(
                    1,
                    (worker, task) -> {
                      if (task == 7) {
                        Thread.currentThread().interrupt();
                        throw unreachable(worker);
                      }
                      return "done";
                    }))
        .isInstanceOf(RunFailedException.class);
  }

  @Test
  void tasksOfALostWorkerMoveToTheOthers() {
    List<String> results =
        run(
            2,
            (worker, task) -> {
              if (worker.address().equals("host:0")) {
                throw unreachable(worker);
              }
              return worker.address();
            });

    assertThat(results).hasSize(TASKS.size()).containsOnly("host:1");
    assertThat(lost).containsExactly("host:0");
  }

  @Test
  void runningTaskOfALostWorkerMoves() {
    List<String> results = runLosing(2, Set.of("host:0"));

    assertThat(results).hasSize(TASKS.size()).containsOnly("host:1");
    assertThat(lost).containsExactly("host:0");
  }

  @Test
  void resultOfTheLastWorkerIsKept() {
    List<String> kept = Collections.synchronizedList(new ArrayList<>());
    SharedWork<Integer, String> work =
        new SharedWork<>(
            losing(Set.of("host:0")),
            new BlockListener<>() {
              @Override
              public void finished(String result, double weight) {
                kept.add(result);
              }
            });

    assertThatThrownBy(() -> work.run(workers(1), TASKS)).isInstanceOf(RunFailedException.class);
    assertThat(kept).containsExactly("host:0");
  }

  private List<String> runLosing(int workerCount, Set<String> losers) {
    BlockListener<String> listener =
        new BlockListener<>() {
          @Override
          public void workerLost(String worker, String reason) {
            lost.add(worker);
          }
        };
    return new SharedWork<>(losing(losers), listener).run(workers(workerCount), TASKS);
  }

  /** The results of some workers are the last ones of the worker. */
  private static SharedWork.Job<Integer, String> losing(Set<String> losers) {
    SharedWork.Job<Integer, String> job = job((worker, task) -> worker.address());
    return new SharedWork.Job<>() {
      @Override
      public HashCode key(Integer task) {
        return job.key(task);
      }

      @Override
      public double weight(Integer task) {
        return 1;
      }

      @Override
      public SharedWork.Done<String> run(Worker worker, Integer task) {
        return new SharedWork.Done<>(
            worker.address(),
            losers.contains(worker.address()) ? Optional.of("scripted") : Optional.empty());
      }

      @Override
      public String givenUp(Integer task, Worker worker, String reason) {
        return job.givenUp(task, worker, reason);
      }
    };
  }

  @Test
  void taskThatLosesTwoWorkersIsAbandoned() {
    Set<String> dead = ConcurrentHashMap.newKeySet();
    List<String> results =
        run(
            3,
            (worker, task) -> {
              if (task == 5) {
                dead.add(worker.address());
                throw unreachable(worker);
              }
              return "done";
            });

    assertThat(dead).hasSize(2);
    assertThat(results).hasSize(TASKS.size()).contains("given up 5");
  }

  @Test
  void runWithoutWorkersFails() {
    assertThatThrownBy(
            () ->
                run(
                    2,
                    (worker, task) -> {
                      throw unreachable(worker);
                    }))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("no worker is left");
  }

  @Test
  void otherFailureOfAWorkerEndsTheRun() {
    assertThatThrownBy(
            () ->
                run(
                    2,
                    (worker, task) -> {
                      throw new WorkerException(
                          WorkerException.Kind.REFUSED,
                          worker.address(),
                          "INVALID_ARGUMENT",
                          "scripted",
                          null);
                    }))
        .isInstanceOf(WorkerException.class);
  }

  @Test
  void noTaskStartsAfterStop() {
    CountDownLatch stop = new CountDownLatch(3);
    SharedWork<Integer, String> work =
        new SharedWork<>(
            job(
                (worker, task) -> {
                  stop.countDown();
                  return "done";
                }),
            new BlockListener<>() {},
            () -> stop.getCount() == 0);

    assertThat(work.run(workers(1), TASKS)).hasSize(3);
  }

  @Test
  void workersRunConcurrently() throws InterruptedException {
    CountDownLatch bothRun = new CountDownLatch(2);
    Set<String> first = ConcurrentHashMap.newKeySet();

    List<String> results =
        run(
            2,
            (worker, task) -> {
              if (first.add(worker.address())) {
                bothRun.countDown();
                return Boolean.toString(await(bothRun));
              }
              return "true";
            });

    assertThat(results).hasSize(TASKS.size()).containsOnly("true");
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(50, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static WorkerException unreachable(Worker worker) {
    return ((ScriptedWorkerClient) worker.client()).unreachable();
  }

  private List<String> run(int workerCount, BiFunction<Worker, Integer, String> body) {
    BlockListener<String> listener =
        new BlockListener<>() {
          @Override
          public void workerLost(String worker, String reason) {
            lost.add(worker);
          }
        };
    return new SharedWork<>(job(body), listener).run(workers(workerCount), TASKS);
  }

  private static List<Worker> workers(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new ScriptedWorkerClient("host:" + i, new ManualClock()))
        .map(client -> new Worker(client, client.describe()))
        .toList();
  }

  private static SharedWork.Job<Integer, String> job(BiFunction<Worker, Integer, String> body) {
    return new SharedWork.Job<>() {
      @Override
      public HashCode key(Integer task) {
        return Hashing.sha256().hashInt(task);
      }

      @Override
      public double weight(Integer task) {
        return 1;
      }

      @Override
      public SharedWork.Done<String> run(Worker worker, Integer task) {
        return SharedWork.Done.of(body.apply(worker, task));
      }

      @Override
      public String givenUp(Integer task, Worker worker, String reason) {
        return "given up " + task;
      }
    };
  }
}
