package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.ScriptedRequest.divisible;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.RunningStep;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.Step;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The batch on a device that runs a step while the next one is launched. */
class StepsAheadTest {
  /** Launches and ends of steps, as the handles of their sequences. */
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  private volatile Consumer<String> onEvent = event -> {};

  private final List<WorkerException> deviceLosses = new ArrayList<>();
  private final ScriptedRequest.Stock stock = new ScriptedRequest.Stock(10);
  private final TokenThreads tokens = new TokenThreads(1, Duration.ZERO);
  private final ManualTicker ticker = new ManualTicker();

  /** By default results are passed on before the next step, which was planned, is launched. */
  private Executor landing = Runnable::run;

  private boolean deviceWorks = true;
  private boolean stepEnded;
  private String failing = "";

  /** Fails where {@link #failing} names an event. */
  private final class AheadRunner implements ModelRunner {
    private final FakeStepRunner results = new FakeStepRunner();

    @Override
    public boolean launchesAhead() {
      return true;
    }

    @Override
    public List<SequenceResult> run(Step step) {
      return launch(step).await();
    }

    @Override
    public RunningStep launch(Step step) {
      String handles =
          step.sequences().stream()
              .map(SequenceStep::handle)
              .map(String::valueOf)
              .collect(Collectors.joining(","));
      record("launch " + handles);
      return new RunningStep() {
        @Override
        public boolean ended() {
          return stepEnded;
        }

        @Override
        public List<SequenceResult> await() {
          record("end " + handles);
          return results.run(step);
        }
      };
    }

    private void record(String event) {
      events.add(event);
      onEvent.accept(event);
      if (event.equals(failing)) {
        throw new IllegalStateException(event + " failed");
      }
    }

    @Override
    public void close() {}
  }

  private final Batch batch =
      new Batch(
          new BatchLimits(8, 100),
          new StepExecutor(
              new AheadRunner(),
              () -> {
                if (!deviceWorks) {
                  throw new IllegalStateException("device lost");
                }
              }),
          tokens,
          task -> landing.execute(task),
          jobs -> {},
          deviceLosses::add,
          ticker);

  @AfterEach
  void everyRequestHasEndedAndReleasedItsMemory() {
    failing = "";
    iterate(10);
    assertThat(batch.isEmpty()).isTrue();
    assertThat(stock.free).isEqualTo(10);
    tokens.close();
  }

  @CanIgnoreReturnValue
  private CompletableFuture<Integer> add(ScriptedRequest request) {
    Job<Integer> job = new Job<>(request, request, 0);
    batch.add(job);
    return job.result();
  }

  private void iterate(int count) {
    for (int i = 0; i < count; i++) {
      batch.prepare();
      batch.runStep();
      batch.removeEnded();
    }
  }

  @Test
  void answerTakesOneStepPerToken() {
    CompletableFuture<Integer> result = add(divisible(1, 5, 3).decodesAhead());
    iterate(5);

    assertThat(events).filteredOn("launch 1"::equals).hasSize(4);
    assertThat(events).filteredOn("end 1"::equals).hasSize(4);
    assertThat(result).isCompletedWithValue(4);
  }

  @Test
  void decodingStepIsLaunchedBeforeTheOneBeforeItEnds() {
    ScriptedRequest request = divisible(1, 5, 9).decodesAhead();
    add(request);
    iterate(2);
    runStepWithThread("launch 1", "end 1");

    assertThat(request.decoded()).isEqualTo(1);
  }

  @Test
  void tokenIsPassedOnWhileTheNextStepIsLaunched() {
    ScriptedRequest request = divisible(1, 5, 9).decodesAhead();
    add(request);
    iterate(2);
    runStepWithThread("end 1", "launch 1");

    assertThat(request.decoded()).isEqualTo(1);
  }

  /**
   * Runs a step, with another thread for results, where the second event fails without the first.
   */
  private void runStepWithThread(String first, String second) {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    landing = thread;
    CountDownLatch firstHappened = new CountDownLatch(1);
    onEvent =
        event -> {
          if (event.equals(first)) {
            firstHappened.countDown();
          } else if (event.equals(second)) {
            assertThat(Uninterruptibles.awaitUninterruptibly(firstHappened, 1, MINUTES)).isTrue();
          }
        };
    iterate(1);
    onEvent = event -> {};
    landing = Runnable::run;
    thread.shutdown();
  }

  @Test
  void nextStepWaitsUntilShortlyBeforeTheEnd() {
    add(divisible(1, 5, 9).decodesAhead());
    iterate(2);
    assertThat(batch.nextStepCanWait()).as("no step has ended").isFalse();
    ticker.advance(Duration.ofMillis(8));
    iterate(1);

    assertThat(batch.nextStepCanWait()).isTrue();
    ticker.advance(Duration.ofMillis(6));
    assertThat(batch.nextStepCanWait()).isTrue();
    ticker.advance(Duration.ofMillis(2));
    assertThat(batch.nextStepCanWait()).isFalse();
  }

  @Test
  void nextStepDoesNotWaitForOneThatHasEndedEarly() {
    add(divisible(1, 5, 9).decodesAhead());
    iterate(2);
    ticker.advance(Duration.ofMillis(8));
    iterate(1);
    stepEnded = true;

    assertThat(batch.nextStepCanWait()).isFalse();
  }

  @Test
  void resultsOfAPrefillAreKnownBeforeTheNextStep() {
    add(divisible(1, 5, 4).decodesAhead());
    iterate(2);
    add(divisible(2, 5, 2).decodesAhead());
    iterate(2);

    assertThat(events.subList(2, events.size()))
        .containsExactly("launch 1", "end 1", "launch 1,2", "end 1,2", "launch 1,2");
  }

  @Test
  void requestThatNeedsItsTokenOnTheHostKeepsTheStepsInOrder() {
    add(divisible(1, 5, 2).decodesAhead());
    add(divisible(2, 5, 2));
    iterate(3);

    assertThat(events)
        .containsExactly("launch 1,2", "end 1,2", "launch 1,2", "end 1,2", "launch 1,2", "end 1,2");
  }

  @Test
  void requestThatStopsEndsAfterTheStepThatRuns() {
    ScriptedRequest stopping = divisible(1, 5, 9).decodesAhead().stopsAt(2).needs(stock, 10, 0);
    CompletableFuture<Integer> result = add(stopping);
    CompletableFuture<Integer> waiting = add(divisible(2, 5, 0).needs(stock, 10, 0));
    iterate(4);

    assertThat(stopping.state()).isEqualTo(RequestState.ENDED);
    assertThat(result).as("a step with a row of it runs").isNotDone();
    assertThat(stopping.held()).isEqualTo(10);

    iterate(1);
    assertThat(result).isCompletedWithValue(3);
    iterate(1);
    assertThat(waiting).isCompletedWithValue(1);
    assertThat(events).filteredOn("launch 1"::equals).hasSize(4);
  }

  @Test
  void cancelledRequestEndsAfterTheStepsThatRun() {
    ScriptedRequest cancelled = divisible(1, 5, 9).decodesAhead().needs(stock, 5, 0);
    CompletableFuture<Integer> result = add(cancelled);
    CompletableFuture<Integer> other = add(divisible(2, 5, 3).decodesAhead());
    iterate(2);
    cancelled.interrupt(FailureKind.CANCELLED);
    batch.prepare();
    assertThat(result).isNotDone();
    assertThat(cancelled.held()).isEqualTo(5);

    iterate(1);
    assertThat(result).isCompletedExceptionally();
    assertThat(cancelled.held()).isZero();
    assertThat(events.subList(3, events.size())).containsExactly("end 1,2", "launch 2");
    iterate(2);
    assertThat(other).isCompletedWithValue(4);
  }

  @Test
  void requestThatFailsInItsTokenEndsAfterTheStepThatRuns() {
    ScriptedRequest request = divisible(1, 5, 9).decodesAhead().needs(stock, 5, 0);
    CompletableFuture<Integer> result = add(request);
    iterate(2);
    request.failsIn("advance");
    iterate(1);
    assertThat(request.held()).isEqualTo(5);
    iterate(1);

    assertThat(result).isCompletedExceptionally();
    assertThat(request.held()).isZero();
  }

  @Test
  void tokenBeforeAFailedLaunchIsPassedOn() {
    ScriptedRequest request = divisible(1, 5, 9).decodesAhead();
    CompletableFuture<Integer> result = add(request);
    iterate(2);
    failing = "launch 1";
    iterate(1);

    assertThat(request.decoded()).isEqualTo(1);
    assertThat(result).isCompletedExceptionally();
    assertThat(batch.isEmpty()).isTrue();
  }

  @Test
  void failedStepFailsTheRequestsInItOnceTheNextOneHasEnded() {
    CompletableFuture<Integer> first = add(divisible(1, 5, 9).decodesAhead().needs(stock, 5, 0));
    iterate(2);
    CompletableFuture<Integer> joining = add(divisible(2, 5, 0).needs(stock, 5, 0));
    failing = "end 1";
    iterate(1);

    assertThat(first).isCompletedExceptionally();
    assertThat(joining).isCompletedWithValue(1);
    assertThat(events).endsWith("launch 1", "end 1", "launch 1,2", "end 1,2");
  }

  @Test
  void stepThatFailsAfterAnAnswerHasEndedDoesNotFailIt() {
    CompletableFuture<Integer> result = add(divisible(1, 5, 9).decodesAhead().stopsAt(1));
    iterate(3);
    failing = "end 1";
    iterate(1);

    assertThat(result).isCompletedWithValue(2);
  }

  @Test
  void lostDeviceFailsAllRequests() {
    CompletableFuture<Integer> first = add(divisible(1, 5, 9).decodesAhead().needs(stock, 5, 0));
    CompletableFuture<Integer> second = add(divisible(2, 5, 9).decodesAhead().needs(stock, 5, 0));
    iterate(2);
    failing = "end 1,2";
    deviceWorks = false;
    iterate(2);

    assertThat(first).isCompletedExceptionally();
    assertThat(second).isCompletedExceptionally();
    assertThat(deviceLosses).isNotEmpty();
  }
}
