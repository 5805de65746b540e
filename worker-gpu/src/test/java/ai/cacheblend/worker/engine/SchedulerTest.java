package ai.cacheblend.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SchedulerTest {
  private final AtomicInteger interruptedSteps = new AtomicInteger();
  private final Scheduler scheduler = scheduler(Duration.ZERO);
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void end() throws InterruptedException {
    release.countDown();
    scheduler.abort();
  }

  @Test
  void anAlertThreadIsAwakeForTheNextRequest() throws InterruptedException {
    Scheduler alert = scheduler(Duration.ofMinutes(10));
    try {
      Thread thread = threadOf(alert);

      Thread.sleep(100);
      assertThat(thread.getState()).isEqualTo(Thread.State.RUNNABLE);
      assertThat(threadOf(alert)).isSameAs(thread);
    } finally {
      alert.abort();
    }
  }

  @Test
  void afterAWhileItSleeps() throws InterruptedException {
    Scheduler alert = scheduler(Duration.ofMillis(20));
    try {
      Thread thread = threadOf(alert);

      while (thread.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      assertThat(threadOf(alert)).isSameAs(thread);
    } finally {
      alert.abort();
    }
  }

  @Test
  void aFullQueueRefusesAndNamesCapacityAndRemedy() throws InterruptedException {
    Ticket<String> running = block();
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
  void aWithdrawnRequestNeverRunsAndMakesRoomAtOnce() throws InterruptedException {
    block();
    AtomicBoolean ran = new AtomicBoolean();
    Ticket<String> withdrawn =
        scheduler.submit(
            (interruption, queueNanos) -> {
              ran.set(true);
              return "";
            },
            () -> Optional.empty());
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
  void onlyTheRunningRequestsStepIsInterrupted() throws InterruptedException {
    Ticket<String> running = block();
    submit("waiting").withdraw();
    assertThat(interruptedSteps).hasValue(0);

    running.withdraw();
    assertThat(interruptedSteps).hasValue(1);
  }

  @Test
  void aStepThatFailsBecauseItWasInterruptedFailsForThatReason() throws InterruptedException {
    AtomicBoolean cancelled = new AtomicBoolean();
    Ticket<String> ticket =
        scheduler.submit(
            (interruption, queueNanos) -> {
              cancelled.set(true);
              throw new IllegalStateException("broken off");
            },
            () -> cancelled.get() ? Optional.of(FailureKind.CANCELLED) : Optional.empty());

    assertFailure(ticket, FailureKind.CANCELLED);
  }

  @Test
  void aRequestWhoseDeadlinePassedInTheQueueNeverRuns() throws InterruptedException {
    block();
    Ticket<String> late =
        scheduler.submit(
            (interruption, queueNanos) -> {
              throw new AssertionError("it ran");
            },
            () -> Optional.of(FailureKind.DEADLINE_EXCEEDED));
    release.countDown();

    assertFailure(late, FailureKind.DEADLINE_EXCEEDED);
  }

  @Test
  void anErrorEndsItsRequestOnly() {
    Ticket<String> broken =
        scheduler.submit(
            (interruption, queueNanos) -> {
              throw new StackOverflowError();
            },
            Interruption.NEVER);

    assertThat(broken.result()).isNotNull();
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> broken.result().join())
        .withCauseInstanceOf(StackOverflowError.class);
    assertThat(submit("next").result().join()).isEqualTo("next");
  }

  @Test
  void drainLetsAcceptedRequestsEndAndRefusesNewOnes() throws InterruptedException {
    block();
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
    Ticket<String> running =
        scheduler.submit(
            (interruption, queueNanos) -> {
              started.countDown();
              while (true) {
                interruption.check();
                Thread.onSpinWait();
              }
            },
            Interruption.NEVER);
    Ticket<String> waiting = submit("waiting");
    started.await();

    scheduler.drain(Duration.ofMillis(20));
    scheduler.abort();

    assertFailure(running, FailureKind.SHUTTING_DOWN);
    assertFailure(waiting, FailureKind.SHUTTING_DOWN);
  }

  private void awaitRefusal() {
    try {
      while (true) {
        scheduler
            .submit((interruption, queueNanos) -> "", () -> Optional.of(FailureKind.CANCELLED))
            .withdraw();
        Thread.sleep(1);
      }
    } catch (WorkerException e) {
      assertThat(e.kind()).isEqualTo(FailureKind.SHUTTING_DOWN);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Ticket<String> block() throws InterruptedException {
    Ticket<String> ticket =
        scheduler.submit(
            (interruption, queueNanos) -> {
              started.countDown();
              try {
                release.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              return "blocked";
            },
            Interruption.NEVER);
    started.await();
    return ticket;
  }

  private Scheduler scheduler(Duration alertness) {
    return new Scheduler(2, interruptedSteps::incrementAndGet, alertness, Ticker.systemTicker());
  }

  /** Runs a request. */
  private static Thread threadOf(Scheduler scheduler) {
    return scheduler
        .submit((interruption, queueNanos) -> Thread.currentThread(), Optional::empty)
        .result()
        .join();
  }

  private Ticket<String> submit(String value) {
    return scheduler.submit((interruption, queueNanos) -> value, Interruption.NEVER);
  }

  private static void assertFailure(Ticket<?> ticket, FailureKind kind) {
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> ticket.result().join())
        .havingCause()
        .isInstanceOf(WorkerException.class)
        .satisfies(e -> assertThat(((WorkerException) e).kind()).isEqualTo(kind));
  }
}
