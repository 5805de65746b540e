package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.EngineCalls.FULL;
import static ai.cacheblend.worker.engine.EngineCalls.assertFailure;
import static ai.cacheblend.worker.engine.EngineCalls.deviation;
import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.testing.EngineFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that fail or are cancelled, and the state of the engine afterwards. */
final class EngineFailureTest {
  private final EngineCalls calls = new EngineCalls();

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void graphThatKeepsOtherRowsThanPlannedFails() {
    calls.collect("abcd");
    Prompt prompt = prompt(cached("abcd"), plain("e"));
    Arm arm = deviation(new CheckStep(1, 0.5));

    calls.fixture.runner.misreport(1, 0);
    assertFailure(
        calls.engine.generate(generate(prompt, arm, 1), calls.tokens::add, Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "4 rows are active in the last layer; the row plan has 3");

    calls.fixture.runner.misreport(0, 1);
    assertThat(calls.run(generate(prompt, arm, 1)).rows())
        .isEqualTo(new RowCounts(5, 2, 2, 1, 4 + 4 + 2, 0));
    assertFailure(
        calls.engine.check(new CheckCommand(prompt, arm), Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "2 rows are active in the last layer; the row plan has 3");
  }

  @Test
  void cancellationBetweenStepsReleasesEverything() {
    AtomicReference<FailureKind> reason = new AtomicReference<>();
    AtomicInteger received = new AtomicInteger();

    Ticket<GenerateResult> ticket =
        calls.engine.generate(
            generate(prompt(plain("a")), FULL, 50),
            token -> {
              if (received.incrementAndGet() == 3) {
                reason.set(FailureKind.DEADLINE_EXCEEDED);
              }
            },
            () -> Optional.ofNullable(reason.get()));

    assertFailure(ticket, FailureKind.DEADLINE_EXCEEDED, "deadline");
    assertThat(received).hasValue(3);
    assertThat(calls.engine.poolStatistics().reservedBlockCount()).isZero();
  }

  @Test
  void promptWithoutMemoryIsRejectedAndTheNextOneRuns() {
    // 100 blocks of 4 calls.tokens.
    assertThat(calls.engine.maxSequenceTokenCount()).isEqualTo(400);
    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(
            () ->
                calls.engine.generate(
                    generate(prompt(plain("a")), FULL, 400), calls.tokens::add, Interruption.NEVER))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID_REQUEST))
        .withMessageContainingAll("1 tokens", "400", "--kv-memory");
    assertThat(calls.run(generate(prompt(plain("a")), FULL, 399)).newTokenCount()).isEqualTo(399);
  }

  @Test
  void logitsThatAreNotNumbersFailAGreedyRequest() {
    try (EngineFixture broken = new EngineFixture(last -> -1)) {
      assertFailure(
          broken.engine.generate(
              generate(prompt(plain("a")), FULL, 3), calls.tokens::add, Interruption.NEVER),
          FailureKind.MODEL_FAILURE,
          "NaN");
    }
    assertThat(calls.tokens).isEmpty();
  }

  @Test
  void lostDeviceFailsAllRequestsAndIsReported() {
    calls.fixture.runner.beforeStep(
        step -> {
          calls.fixture.loseDevice("CUDA error 700: illegal memory access");
          throw new ModelFailureException("step failed");
        });

    assertFailure(
        calls.engine.generate(
            generate(prompt(plain("a")), FULL, 3), calls.tokens::add, Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "step failed");
    assertThat(calls.engine.deviceLoss().join().getMessage())
        .contains("error 700", "restart the worker");
    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(() -> calls.engine.collect(List.of(ids("abc")), Interruption.NEVER))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.DEVICE_LOST))
        .withMessageContaining("error 700");
  }

  @Test
  void failedStepOfAWorkingDeviceDoesNotEndTheEngine() {
    calls.fixture.runner.beforeStep(
        step -> {
          throw new ModelFailureException("step failed");
        });
    assertFailure(
        calls.engine.collect(List.of(ids("abc")), Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "step failed");
    calls.fixture.runner.beforeStep(step -> {});

    assertThat(calls.engine.deviceLoss()).isNotDone();
    assertThat(calls.collect("abc").chunks()).hasSize(1);
  }

  @Test
  void concurrentMixedCallsReleaseEverything() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int call = i;
      futures.add(callers.submit(() -> mixedCall(call)));
    }
    for (Future<?> future : futures) {
      future.get();
    }
    callers.shutdown();
    calls.engine.reset(List.of(), Interruption.NEVER).result().join();

    assertThat(calls.engine.poolStatistics().freeBlockCount()).isEqualTo(100);
    assertThat(calls.fixture.memory.liveChunkCount()).isZero();
  }

  private void mixedCall(int call) {
    String chunk = "chunk " + call % 7;
    List<Ticket<?>> tickets = new ArrayList<>();
    Throwable refused =
        catchThrowable(
            () -> {
              tickets.add(calls.engine.collect(List.of(ids(chunk)), Interruption.NEVER));
              tickets.add(
                  calls.engine.generate(
                      generate(
                          prompt(cached(chunk), plain("?")), deviation(new CheckStep(1, 0.3)), 5),
                      token -> {},
                      call % 3 == 0
                          ? () -> Optional.of(FailureKind.CANCELLED)
                          : Interruption.NEVER));
              if (call % 5 == 0) {
                tickets.add(calls.engine.reset(List.of(), Interruption.NEVER));
              }
            });
    if (refused != null) {
      assertThat(refused)
          .isInstanceOf(WorkerException.class)
          .hasMessageContaining("request queue is full");
    }
    if (call % 4 == 0) {
      tickets.forEach(Ticket::withdraw);
    }
    for (Ticket<?> ticket : tickets) {
      Throwable failure = catchThrowable(() -> ticket.result().join());
      if (failure != null) {
        assertThat(failure).hasCauseInstanceOf(WorkerException.class);
        assertThat(((WorkerException) failure.getCause()).kind())
            .isIn(FailureKind.CANCELLED, FailureKind.UNKNOWN_CHUNK);
      }
    }
  }
}
