package ai.cacheblend.worker.engine;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SchedulerTest {
  private static final Duration BUSY_POLL = Duration.ofSeconds(1);

  private final FakeStepRunner runner = new FakeStepRunner();
  private final AtomicBoolean deviceLost = new AtomicBoolean();
  private final ManualTicker ticker = new ManualTicker();
  private final TokenThreads tokens = new TokenThreads(1, Duration.ZERO);
  private final Scheduler scheduler = scheduler(1, Duration.ZERO);
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch stepStarted = new CountDownLatch(1);
  private final CountDownLatch stepRelease = new CountDownLatch(1);

  @AfterEach
  void end() {
    release.countDown();
    scheduler.abort();
    tokens.close();
  }

  @Test
  void idleThreadBusyPollsAndThenBlocks() throws InterruptedException {
    Scheduler polling = scheduler(1, BUSY_POLL);
    try {
      Thread thread = threadOf(polling);
      ticker.awaitReads(1000);
      assertThat(thread.getState()).isEqualTo(Thread.State.RUNNABLE);
      assertThat(threadOf(polling)).isSameAs(thread);

      ticker.awaitReads(1000);
      ticker.advance(BUSY_POLL);
      while (thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertThat(threadOf(polling)).isSameAs(thread);
    } finally {
      ticker.advance(BUSY_POLL);
      polling.abort();
    }
  }

  @Test
  void requestsOfABatchShareStepsAndEndIndependently() throws InterruptedException {
    Scheduler batching = scheduler(3, Duration.ZERO);
    try {
      Ticket<String> first = block(batching);
      Ticket<List<Integer>> two = submit(batching, new FakeRequest(20, 2));
      Ticket<List<Integer>> four = submit(batching, new FakeRequest(40, 4));
      Ticket<List<Integer>> one = submit(batching, new FakeRequest(10, 1));
      release.countDown();

      assertThat(first.result().join()).isEqualTo("blocked");
      assertThat(two.result().join()).containsExactly(20, 20);
      assertThat(four.result().join()).containsExactly(40, 40, 40, 40);
      assertThat(one.result().join()).containsExactly(10);
      assertThat(runner.steps)
          .containsExactly(List.of(20L, 40L, 10L), List.of(20L, 40L), List.of(40L), List.of(40L));
    } finally {
      batching.abort();
    }
  }

  @Test
  void failedStepFailsAndReleasesItsRequests() {
    FakeRequest request = new FakeRequest(5, 3);
    runner.beforeStep =
        step -> {
          throw new IllegalStateException("step failed");
        };

    Ticket<List<Integer>> ticket = submit(scheduler, request);

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> ticket.result().join())
        .withStackTraceContaining("step failed");
    assertThat(request.closed()).isTrue();
    runner.beforeStep = step -> {};
    assertThat(submit(scheduler, new FakeRequest(6, 1)).result().join()).containsExactly(6);
  }

  @Test
  void lostDeviceFailsAllRequestsAndRejectsNewOnes() throws InterruptedException {
    block(scheduler);
    runner.beforeStep =
        step -> {
          deviceLost.set(true);
          throw new IllegalStateException("step failed");
        };
    Ticket<List<Integer>> running = submit(scheduler, new FakeRequest(1, 1));
    Ticket<List<Integer>> waiting = submit(scheduler, new FakeRequest(2, 1));
    release.countDown();

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> running.result().join())
        .withStackTraceContaining("step failed");
    assertFailure(waiting, FailureKind.DEVICE_LOST);
    assertThat(scheduler.deviceLoss().join()).hasMessageContaining("device lost");
    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(() -> submit(scheduler, new FakeRequest(3, 1)))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.DEVICE_LOST));
  }

  @Test
  void failureOfTheSchedulerItselfFailsAllRequestsAndRejectsNewOnes() throws InterruptedException {
    block(scheduler);
    Ticket<List<Integer>> broken =
        submit(
            scheduler,
            new FakeRequest(1, 1) {
              @Override
              public StepDemand demand() {
                throw new IllegalStateException("defect");
              }
            });
    Ticket<List<Integer>> waiting = submit(scheduler, new FakeRequest(2, 1));
    release.countDown();

    assertFailure(broken, FailureKind.DEVICE_LOST);
    assertFailure(waiting, FailureKind.DEVICE_LOST);
    assertThat(scheduler.deviceLoss().join()).hasMessageContaining("defect");
    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(() -> submit(scheduler, new FakeRequest(3, 1)))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.DEVICE_LOST));
  }

  @Test
  void fullQueueRejectsWithCapacityAndRemedy() throws InterruptedException {
    Ticket<String> running = block(scheduler);
    Ticket<String> first = submit("first");
    Ticket<String> second = submit("second");

    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(() -> submit("third"))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.CAPACITY_EXCEEDED))
        .withMessageContainingAll("2 requests", "--queue");

    release.countDown();
    assertThat(running.result().join()).isEqualTo("blocked");
    assertThat(first.result().join()).isEqualTo("first");
    assertThat(second.result().join()).isEqualTo("second");
  }

  @Test
  void cancelledWaitingRequestNeverRunsAndLeavesTheQueue() throws InterruptedException {
    block(scheduler);
    AtomicBoolean ran = new AtomicBoolean();
    Ticket<Boolean> withdrawn =
        scheduler.submit(
            new StoreRequest<>(() -> completedFuture(ran.getAndSet(true))), Interruption.NEVER);
    submit("other");

    withdrawn.withdraw();

    assertFailure(withdrawn, FailureKind.CANCELLED);
    assertThat(scheduler.waitingCount()).isEqualTo(1);
    Ticket<String> last = submit("last");
    release.countDown();
    assertThat(last.result().join()).isEqualTo("last");
    assertThat(ran).isFalse();
  }

  @Test
  void onlyTheStepOfTheRunningRequestIsInterrupted() throws InterruptedException {
    runner.beforeStep =
        step -> {
          stepStarted.countDown();
          await(stepRelease);
        };
    Ticket<List<Integer>> running = submit(scheduler, new FakeRequest(1, 1));
    stepStarted.await();
    submit("waiting").withdraw();
    assertThat(runner.interruptions).hasValue(0);

    running.withdraw();
    assertThat(runner.interruptions).hasValue(1);
    stepRelease.countDown();
  }

  @Test
  void stepWithRowsOfOtherRequestsIsNotInterrupted() throws InterruptedException {
    Scheduler batching = scheduler(2, Duration.ZERO);
    try {
      block(batching);
      runner.beforeStep =
          step -> {
            stepStarted.countDown();
            await(stepRelease);
          };
      AtomicBoolean cancelled = new AtomicBoolean();
      Ticket<List<Integer>> withdrawn =
          batching.submit(
              new FakeRequest(1, 2),
              () -> cancelled.get() ? Optional.of(FailureKind.CANCELLED) : Optional.empty());
      Ticket<List<Integer>> other = submit(batching, new FakeRequest(2, 2));
      release.countDown();
      stepStarted.await();

      cancelled.set(true);
      withdrawn.withdraw();
      stepRelease.countDown();

      assertFailure(withdrawn, FailureKind.CANCELLED);
      assertThat(other.result().join()).containsExactly(2, 2);
      assertThat(runner.interruptions).hasValue(0);
    } finally {
      stepRelease.countDown();
      batching.abort();
    }
  }

  @Test
  void stepThatFailsAfterAnInterruptionHasItsReason() {
    AtomicBoolean cancelled = new AtomicBoolean();
    runner.beforeStep =
        step -> {
          cancelled.set(true);
          throw new IllegalStateException("interrupted step");
        };
    Ticket<List<Integer>> ticket =
        scheduler.submit(
            new FakeRequest(1, 1),
            () -> cancelled.get() ? Optional.of(FailureKind.CANCELLED) : Optional.empty());

    assertFailure(ticket, FailureKind.CANCELLED);
  }

  @Test
  void requestWhoseDeadlineExpiresInTheQueueNeverRuns() throws InterruptedException {
    block(scheduler);
    Ticket<List<Integer>> late =
        scheduler.submit(new FakeRequest(1, 1), () -> Optional.of(FailureKind.DEADLINE_EXCEEDED));
    release.countDown();

    assertFailure(late, FailureKind.DEADLINE_EXCEEDED);
    assertThat(runner.steps).isEmpty();
  }

  @Test
  void errorEndsOnlyItsRequest() {
    Ticket<String> broken =
        run(
            scheduler,
            () -> {
              throw new StackOverflowError();
            });

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> broken.result().join())
        .withCauseInstanceOf(StackOverflowError.class);
    assertThat(submit("next").result().join()).isEqualTo("next");
  }

  @Test
  void drainCompletesAcceptedRequestsAndRefusesNewOnes() throws InterruptedException {
    block(scheduler);
    Ticket<String> waiting = submit("waiting");
    Thread releaser =
        new Thread(
            () -> {
              awaitRefusal();
              release.countDown();
            });
    releaser.start();

    scheduler.drain(Duration.ofSeconds(100));

    assertThat(waiting.result()).isCompletedWithValue("waiting");
    releaser.join();
  }

  @Test
  void abortInterruptsTheRunningAndFailsTheWaitingRequest() throws InterruptedException {
    runner.beforeStep =
        step -> {
          started.countDown();
          while (runner.interruptions.get() == 0) {
            Thread.onSpinWait();
          }
        };
    Ticket<List<Integer>> running = submit(scheduler, new FakeRequest(1, 1000));
    Ticket<String> waiting = submit("waiting");
    started.await();

    scheduler.drain(Duration.ZERO);
    scheduler.abort();

    assertFailure(running, FailureKind.SHUTTING_DOWN);
    assertFailure(waiting, FailureKind.SHUTTING_DOWN);
  }

  private void awaitRefusal() {
    try {
      while (true) {
        scheduler
            .submit(
                new StoreRequest<>(() -> completedFuture("")),
                () -> Optional.of(FailureKind.CANCELLED))
            .withdraw();
        Thread.onSpinWait();
      }
    } catch (WorkerException e) {
      assertThat(e.kind()).isEqualTo(FailureKind.SHUTTING_DOWN);
    }
  }

  /** Occupies the scheduler thread until {@link #release}. */
  private Ticket<String> block(Scheduler blocked) throws InterruptedException {
    Ticket<String> ticket =
        run(
            blocked,
            () -> {
              started.countDown();
              await(release);
              return "blocked";
            });
    started.await();
    return ticket;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Scheduler scheduler(int maxBatchSize, Duration busyPoll) {
    return new Scheduler(
        Math.max(2, maxBatchSize),
        new BatchLimits(maxBatchSize, 64),
        new StepExecutor(runner, this::checkDevice),
        tokens,
        Runnable::run,
        busyPoll,
        ticker);
  }

  private void checkDevice() {
    if (deviceLost.get()) {
      throw new IllegalStateException("device lost");
    }
  }

  private static Thread threadOf(Scheduler scheduler) {
    return run(scheduler, Thread::currentThread).result().join();
  }

  private static <R> Ticket<R> run(Scheduler scheduler, Supplier<R> work) {
    return scheduler.submit(
        new StoreRequest<>(() -> completedFuture(work.get())), Interruption.NEVER);
  }

  private Ticket<String> submit(String value) {
    return run(scheduler, () -> value);
  }

  private static Ticket<List<Integer>> submit(Scheduler scheduler, FakeRequest request) {
    return scheduler.submit(request, Interruption.NEVER);
  }

  private static void assertFailure(Ticket<?> ticket, FailureKind kind) {
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> ticket.result().join())
        .havingCause()
        .isInstanceOf(WorkerException.class)
        .satisfies(e -> assertThat(((WorkerException) e).kind()).isEqualTo(kind));
  }
}
