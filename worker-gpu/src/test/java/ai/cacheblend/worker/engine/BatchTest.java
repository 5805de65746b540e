package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.ScriptedRequest.divisible;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.worker.model.Step;
import com.google.common.base.Ticker;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The batch without a thread: each call of {@link #iterate} is one iteration of the scheduler. */
class BatchTest {
  private static final int STEP_ROWS = 100;

  /** More than the requests of any test need. */
  private static final int MAX_STEPS = 50;

  private final FakeStepRunner runner = new FakeStepRunner();
  private final List<Map<Long, Integer>> rows = new ArrayList<>();
  private final List<WorkerException> deviceLosses = new ArrayList<>();
  private final List<ScriptedRequest> requests = new ArrayList<>();
  private final ScriptedRequest.Stock stock = new ScriptedRequest.Stock(10);
  private boolean deviceWorks = true;
  private final TokenThreads impatient = new TokenThreads(2, Duration.ZERO);
  private final TokenThreads patient = new TokenThreads(2, Duration.ofMinutes(1));
  private Batch batch = batch(impatient);

  BatchTest() {
    runner.beforeStep = this::record;
  }

  private Batch batch(TokenThreads tokens) {
    return new Batch(
        new BatchLimits(8, STEP_ROWS),
        new StepExecutor(
            runner,
            () -> {
              if (!deviceWorks) {
                throw new IllegalStateException("device lost");
              }
            }),
        tokens,
        Runnable::run,
        jobs -> {},
        deviceLosses::add,
        Ticker.systemTicker());
  }

  @AfterEach
  void everyRequestReleasesItsMemory() {
    impatient.close();
    patient.close();
    iterate(MAX_STEPS);
    assertThat(batch.isEmpty()).isTrue();
    assertThat(requests).allMatch(request -> request.held() == 0);
  }

  private void record(Step step) {
    Map<Long, Integer> counts = new TreeMap<>();
    step.sequences().forEach(s -> counts.put(s.handle(), s.positions().count()));
    rows.add(counts);
  }

  @Test
  void prefillIsDividedBesideADecodeAndNotAlone() {
    CompletableFuture<Integer> alone = add(divisible(1, 250, 3));
    iterate();
    CompletableFuture<Integer> second = add(divisible(2, 250, 1));
    iterate(5);

    assertThat(rows)
        .containsExactly(
            Map.of(1L, 250),
            Map.of(1L, 1, 2L, 99),
            Map.of(1L, 1, 2L, 99),
            Map.of(1L, 1, 2L, 52),
            Map.of(2L, 1));
    assertThat(alone).isCompletedWithValue(4);
    assertThat(second).isCompletedWithValue(4);
  }

  @Test
  void prefillsEndInOrderOfArrival() {
    add(divisible(1, 150, 0));
    add(divisible(2, 40, 0));
    add(divisible(3, 40, 0));
    iterate(3);

    assertThat(rows)
        .containsExactly(Map.of(1L, 100), Map.of(1L, 50, 2L, 40, 3L, 10), Map.of(3L, 30));
  }

  @Test
  void requestThatDoesNotFitIsFirstInALaterStep() {
    add(divisible(1, 90, 1));
    add(new ScriptedRequest(2, whole(400, 200), 0));
    add(divisible(3, 5, 0));
    add(divisible(4, 500, 0));
    iterate(2);

    assertThat(rows).containsExactly(Map.of(1L, 90, 3L, 5, 4L, 5), Map.of(1L, 1, 2L, 400));
  }

  @Test
  void requestWithoutMemoryWaitsAndIsNotOvertaken() {
    add(divisible(1, 5, 2).needs(stock, 8, 0));
    CompletableFuture<Integer> large = add(divisible(2, 5, 1).needs(stock, 9, 0));
    CompletableFuture<Integer> small = add(divisible(3, 5, 1).needs(stock, 1, 0));
    iterate(3);
    assertThat(rows).containsExactly(Map.of(1L, 5), Map.of(1L, 1), Map.of(1L, 1));

    iterate();
    assertThat(rows.get(3)).isEqualTo(Map.of(2L, 5, 3L, 5));
    iterate();
    assertThat(large).isCompletedWithValue(2);
    assertThat(small).isCompletedWithValue(2);
  }

  @Test
  void requestFailsIfNoOtherCanReleaseMemory() {
    CompletableFuture<Integer> failing = add(divisible(1, 5, 0).needs(stock, 11, 0));
    CompletableFuture<Integer> next = add(divisible(2, 5, 0).needs(stock, 10, 0));
    iterate();

    assertFailure(failing, FailureKind.CAPACITY_EXCEEDED, "11 needed, 10 free");
    assertThat(next).isCompletedWithValue(1);
  }

  @Test
  void requestThatNeedsMoreMemoryWhileItRunsWaitsInTheBatch() {
    CompletableFuture<Integer> first = add(divisible(1, 5, 1).needs(stock, 4, 4));
    add(divisible(2, 5, 2).needs(stock, 6, 0));
    iterate(4);

    assertThat(rows)
        .containsExactly(Map.of(1L, 5, 2L, 5), Map.of(2L, 1), Map.of(2L, 1), Map.of(1L, 1));
    assertThat(first).isCompletedWithValue(2);
  }

  @Test
  void ofRequestsThatWaitForEachOtherTheLastFails() {
    CompletableFuture<Integer> first = add(divisible(1, 5, 1).needs(stock, 4, 4));
    CompletableFuture<Integer> second = add(divisible(2, 5, 1).needs(stock, 4, 4));
    CompletableFuture<Integer> waiting = add(divisible(3, 5, 1).needs(stock, 10, 0));
    iterate(4);

    assertFailure(second, FailureKind.CAPACITY_EXCEEDED, "4 needed, 2 free");
    assertThat(first).isCompletedWithValue(2);
    assertThat(waiting).isCompletedWithValue(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void cancelledRequestEndsInAnyStateAndTheOthersGoOn(int stepsBefore) {
    CompletableFuture<Integer> other = add(divisible(1, 5, 6).needs(stock, 5, 0));
    ScriptedRequest cancelled = divisible(2, 250, 2).needs(stock, stepsBefore == 0 ? 10 : 5, 0);
    CompletableFuture<Integer> result = add(cancelled);
    iterate(1 + stepsBefore);
    int steps = rows.size();

    cancelled.interrupt(FailureKind.CANCELLED);
    iterate();

    assertFailure(result, FailureKind.CANCELLED, "the caller cancelled the request");
    assertThat(cancelled.held()).isZero();
    assertThat(rows.subList(steps, rows.size())).containsExactly(Map.of(1L, 1));
    iterate(6);
    assertThat(other).isCompletedWithValue(7);
  }

  @Test
  void requestThatWaitsForItsReaderIsInNoStep() {
    ScriptedRequest slow = divisible(1, 5, 3).needs(stock, 10, 0);
    add(slow);
    add(divisible(2, 5, 2));
    CompletableFuture<Integer> waiting = add(divisible(3, 5, 0).needs(stock, 10, 0));
    iterate();
    slow.pause(true);
    iterate(2);
    assertThat(rows).containsExactly(Map.of(1L, 5, 2L, 5), Map.of(2L, 1), Map.of(2L, 1));

    batch.prepare();
    assertThat(batch.runStep()).isFalse();
    slow.pause(false);
    iterate(4);
    assertThat(rows.subList(3, 7))
        .containsExactly(Map.of(1L, 1), Map.of(1L, 1), Map.of(1L, 1), Map.of(3L, 5));
    assertThat(waiting).isCompletedWithValue(1);
  }

  @Test
  void requestWithoutItsTokenDelaysNoOther() throws Exception {
    CompletableFuture<Void> chosen = new CompletableFuture<>();
    RunnableFuture<?> token = sampled(chosen::get);
    CompletableFuture<Integer> slow =
        add(divisible(1, 5, 0).needs(stock, 10, 0).choosesTokensBy(() -> token));
    CompletableFuture<Integer> other = add(divisible(2, 5, 2));
    CompletableFuture<Integer> waiting = add(divisible(3, 5, 0).needs(stock, 10, 0));
    iterate(4);

    assertThat(rows).containsExactly(Map.of(1L, 5, 2L, 5), Map.of(2L, 1), Map.of(2L, 1));
    assertThat(other).isCompletedWithValue(3);
    assertThat(waiting).as("memory is released later").isNotDone();

    chosen.complete(null);
    token.get();
    iterate();
    assertThat(slow).isCompletedWithValue(1);
    assertThat(rows).hasSize(4).last().isEqualTo(Map.of(3L, 5));
    assertThat(waiting).isCompletedWithValue(1);
  }

  @Test
  void requestThatIsCancelledReleasesItsMemoryForTheNext() {
    ScriptedRequest cancelled = divisible(1, 5, 2).needs(stock, 10, 0);
    add(cancelled);
    CompletableFuture<Integer> waiting = add(divisible(2, 5, 0).needs(stock, 10, 0));
    iterate();
    cancelled.interrupt(FailureKind.CANCELLED);
    iterate();

    assertThat(waiting).isCompletedWithValue(1);
  }

  @Test
  void requestsWhoseTokensAreChosenInTimeStayInTheSameSteps() {
    batch = batch(patient);
    Map<Long, Integer> prefills = new TreeMap<>();
    Map<Long, Integer> decodes = new TreeMap<>();
    for (long i = 1; i <= 8; i++) {
      add(divisible(i, 5, 2).choosesTokensBy(() -> sampled(() -> null)));
      prefills.put(i, 5);
      decodes.put(i, 1);
    }
    iterate(3);

    assertThat(rows).containsExactly(prefills, decodes, decodes);
    assertThat(batch.isEmpty()).isTrue();
  }

  @Test
  void failedTokenFailsItsRequestAlone() {
    batch = batch(patient);
    CompletableFuture<Integer> failing =
        add(
            divisible(1, 5, 2)
                .choosesTokensBy(
                    () ->
                        sampled(
                            () -> {
                              throw new IllegalStateException("no token");
                            })));
    CompletableFuture<Integer> other = add(divisible(2, 5, 2));
    iterate(3);

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(failing::join)
        .withStackTraceContaining("no token");
    assertThat(other).isCompletedWithValue(3);
  }

  @Test
  void requestWithoutItsTokenIsCancelled() {
    ScriptedRequest cancelled =
        divisible(1, 5, 2)
            .needs(stock, 10, 0)
            .choosesTokensBy(() -> sampled(new CompletableFuture<>()::get));
    CompletableFuture<Integer> result = add(cancelled);
    iterate();
    cancelled.interrupt(FailureKind.CANCELLED);
    iterate();

    assertFailure(result, FailureKind.CANCELLED, "the caller cancelled the request");
    assertThat(cancelled.held()).isZero();
  }

  private static RunnableFuture<?> sampled(Callable<?> work) {
    return new FutureTask<>(work);
  }

  @Test
  void requestThatIsNotInTheStepIsCancelled() {
    add(divisible(1, 500, 0));
    ScriptedRequest cancelled = divisible(2, 5, 0);
    CompletableFuture<Integer> result = add(cancelled);
    iterate();
    cancelled.interrupt(FailureKind.DEADLINE_EXCEEDED);
    iterate();

    assertFailure(result, FailureKind.DEADLINE_EXCEEDED, "the caller's deadline has passed");
    assertThat(rows).containsExactly(Map.of(1L, 100), Map.of(1L, 400));
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "paused", "nextStep", "advance"})
  void failureOfOneRequestLeavesTheOthers(String call) {
    CompletableFuture<Integer> before = add(divisible(1, 5, 2));
    CompletableFuture<Integer> failing = add(divisible(2, 5, 2).failsIn(call));
    CompletableFuture<Integer> behind = add(divisible(3, 5, 2));
    iterate(3);

    assertThat(failing).isCompletedExceptionally();
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(failing::join)
        .withStackTraceContaining(call + " failed");
    assertThat(before).isCompletedWithValue(3);
    assertThat(behind).isCompletedWithValue(3);
  }

  @Test
  void failedStepFailsTheRequestsInIt() {
    CompletableFuture<Integer> first = add(divisible(1, 100, 0));
    CompletableFuture<Integer> second = add(divisible(2, 5, 0));
    runner.beforeStep =
        step -> {
          throw new IllegalStateException("step failed");
        };
    iterate();
    runner.beforeStep = step -> {};
    iterate();

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(first::join)
        .withStackTraceContaining("step failed");
    assertThat(second).isCompletedWithValue(1);
  }

  @Test
  void lostDeviceFailsAllRequests() {
    CompletableFuture<Integer> inStep = add(divisible(1, 100, 0));
    CompletableFuture<Integer> notInStep = add(divisible(2, 5, 0));
    runner.beforeStep =
        step -> {
          deviceWorks = false;
          throw new IllegalStateException("step failed");
        };
    iterate();

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(inStep::join)
        .withStackTraceContaining("step failed");
    assertFailure(notInStep, FailureKind.DEVICE_LOST, "device lost");
    assertThat(deviceLosses).hasSize(1);
    assertThat(batch.isEmpty()).isTrue();
  }

  @CanIgnoreReturnValue
  private CompletableFuture<Integer> add(ScriptedRequest request) {
    requests.add(request);
    Job<Integer> job = new Job<>(request, request, 0);
    batch.add(job);
    return job.result();
  }

  private void iterate() {
    batch.prepare();
    batch.runStep();
    batch.removeEnded();
  }

  private void iterate(int count) {
    for (int i = 0; i < count; i++) {
      iterate();
    }
  }

  private static StepDemand whole(int rowCount, int cost) {
    return new StepDemand(StepDemand.Kind.WHOLE, rowCount, cost);
  }

  private static void assertFailure(CompletableFuture<?> result, FailureKind kind, String message) {
    assertThat(result).isCompletedExceptionally();
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(result::join)
        .havingCause()
        .isInstanceOf(WorkerException.class)
        .satisfies(e -> assertThat(((WorkerException) e).kind()).isEqualTo(kind))
        .withMessageContaining(message);
  }
}
