package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class VerificationTest {
  private static final long MILLI = 1_000_000;

  /** 100 rows, two chunks: 80 reused, 15 recomputed, 5 forced. */
  private static final RowCounts EXPECTED = new RowCounts(100, 80, 15, 5, new RowLayers(0, 0));

  @Test
  void matchingCheckIsValid() {
    assertThat(Verification.problem(checked(2, 100, 20, 5), EXPECTED, 2)).isEmpty();
  }

  @Test
  void eachWrongCountIsNamed() {
    assertThat(Verification.problem(checked(1, 100, 20, 5), EXPECTED, 2))
        .contains("chunks: 1, expected 2");
    assertThat(Verification.problem(checked(2, 99, 20, 5), EXPECTED, 2))
        .contains("prompt tokens: 99, expected 100");
    assertThat(Verification.problem(checked(2, 100, 19, 5), EXPECTED, 2))
        .contains("recomputed rows: 14, expected 15");
    assertThat(Verification.problem(checked(2, 100, 21, 6), EXPECTED, 2))
        .contains("computed rows: 6, expected 5");
  }

  @Test
  void correctAnswerIsValid() {
    assertThat(problem(EXPECTED, durations(0, 0, 0), 100)).isEmpty();
  }

  @Test
  void eachRowCountOfAnAnswerIsVerified() {
    assertThat(problem(new RowCounts(100, 80, 14, 6, new RowLayers(0, 0)), durations(0, 0, 0), 100))
        .contains("recomputed rows: 14, expected 15; computed rows: 6, expected 5");
    assertThat(problem(new RowCounts(100, 79, 16, 5, new RowLayers(0, 0)), durations(0, 0, 0), 100))
        .contains("reused rows: 79, expected 80; recomputed rows: 16, expected 15");
  }

  @Test
  void timesOfTheKvLoadAreVerified() {
    assertThat(problem(EXPECTED, durations(0, 60 * MILLI, 0), 100).orElseThrow())
        .contains("worker's KV load, busy: 0.060000 s");
    assertThat(problem(EXPECTED, durations(0, 10 * MILLI, 20 * MILLI), 100).orElseThrow())
        .contains("worker's KV load, waited: 0.020000 s");
  }

  @Test
  void firstMessageWithoutATokenIsInvalid() {
    assertThat(problem(EXPECTED, durations(0, 0, 0), 90))
        .contains("the first message has no token");
  }

  @Test
  void queueTimeInvalidatesTimedAnswers() {
    GenerateResult.WorkerDurations waited = durations(30 * MILLI, 0, 0);

    assertThat(problem(EXPECTED, waited, 100).orElseThrow())
        .contains("waited 30.0 ms in the worker's queue, more than 20.5 ms");
    assertThat(Verification.problem(answer(EXPECTED, waited, 100), EXPECTED, 2, false)).isEmpty();
  }

  /** Half of a TTFT, at least 20 ms. */
  @Test
  void queueTimeIsJudgedByTheTtft() {
    assertThat(problem(EXPECTED, durations(20 * MILLI, 0, 0, 10 * MILLI), 100)).isEmpty();
    assertThat(problem(EXPECTED, durations(21 * MILLI, 0, 0, 10 * MILLI), 100)).isPresent();
    assertThat(problem(EXPECTED, durations(30 * MILLI, 0, 0, 60 * MILLI), 100)).isEmpty();
    assertThat(problem(EXPECTED, durations(31 * MILLI, 0, 0, 60 * MILLI), 100)).isPresent();
  }

  private static Optional<String> problem(
      RowCounts rows, GenerateResult.WorkerDurations durations, long firstMessageMillis) {
    return Verification.problem(answer(rows, durations, firstMessageMillis), EXPECTED, 2, true);
  }

  /** Of two tokens, the first one after 100 ms. */
  private static GenerateResult answer(
      RowCounts rows, GenerateResult.WorkerDurations durations, long firstMessageMillis) {
    return new GenerateResult(
        ImmutableIntArray.of(7, 8),
        "text",
        "max_new_tokens",
        2,
        rows,
        durations,
        new CallTimes(
            0,
            0,
            firstMessageMillis * MILLI,
            firstMessageMillis * MILLI,
            ImmutableLongArray.of(100 * MILLI, 110 * MILLI),
            120 * MILLI),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static GenerateResult.WorkerDurations durations(
      long queueNanos, long kvLoadBusyNanos, long kvLoadWaitNanos) {
    return durations(queueNanos, kvLoadBusyNanos, kvLoadWaitNanos, 41 * MILLI);
  }

  private static GenerateResult.WorkerDurations durations(
      long queueNanos, long kvLoadBusyNanos, long kvLoadWaitNanos, long ttftNanos) {
    return new GenerateResult.WorkerDurations(
        queueNanos,
        kvLoadBusyNanos,
        kvLoadWaitNanos,
        ttftNanos - MILLI,
        MILLI,
        ttftNanos,
        10 * MILLI);
  }

  private static CheckedPrompt checked(int chunks, int tokens, int activeRows, int forcedRows) {
    return new CheckedPrompt(
        IntStream.range(0, chunks).mapToObj(i -> "key" + i).toList(),
        tokens,
        tokens - forcedRows,
        List.of(),
        IntStream.range(0, activeRows).boxed().toList(),
        forcedRows);
  }
}
