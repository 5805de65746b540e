package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Checks the counts and durations of an answer against the definition of its arm. */
final class Verification {
  /** Tolerance: durations are read consecutively, some of them on another device. */
  private static final long CLOCK_SLACK_NANOS = 1_000_000;

  /**
   * A lone request waits in the queue for a processor only. Beside 30 busy tasks on two cores, 99 %
   * of 252 requests waited less than 45 ms and less than 0.42 of their TTFT.
   */
  private static final long MIN_QUEUE_LIMIT_NANOS = 20_000_000;

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  private Verification() {}

  /**
   * Reason in one line if an answer is invalid; empty if it is valid.
   *
   * @param exactTokens whether the answer must have exactly {@code newTokens} tokens; otherwise it
   *     may have fewer, and its times are not verified
   */
  static Optional<String> problem(
      GenerateResult answer, RowCounts expected, int newTokens, boolean exactTokens) {
    List<String> problems = new ArrayList<>();
    RowCounts rows = answer.rows();
    differ(problems, "prompt tokens", rows.promptTokenCount(), expected.promptTokenCount());
    differ(problems, "reused rows", rows.reusedTokenCount(), expected.reusedTokenCount());
    differ(
        problems, "recomputed rows", rows.recomputedTokenCount(), expected.recomputedTokenCount());
    differ(problems, "computed rows", rows.computedTokenCount(), expected.computedTokenCount());
    differ(
        problems,
        "recomputed rows, summed over layers",
        rows.layers().recomputed(),
        expected.layers().recomputed());
    differ(
        problems,
        "rows of the probe, summed over layers",
        rows.layers().probed(),
        expected.layers().probed());
    int received = answer.tokenIds().length();
    differ(problems, "new tokens counted by the worker", answer.newTokenCount(), received);
    if (exactTokens || received > newTokens) {
      differ(problems, "new tokens", received, newTokens);
    }
    if (answer.times().firstMessageNanos() != answer.times().firstTokenNanos()) {
      problems.add("the first message has no token");
    }
    clocks(problems, answer);
    if (exactTokens) {
      queue(problems, answer.workerDurations());
    }
    return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
  }

  /**
   * Requests of other clients are counted by the worker. This limit detects waits behind requests
   * that are not counted, such as an earlier call of this run whose step has not ended.
   */
  private static void queue(List<String> problems, GenerateResult.WorkerDurations worker) {
    long limitNanos = Math.max(MIN_QUEUE_LIMIT_NANOS, worker.ttftNanos() / 2);
    if (worker.queueNanos() > limitNanos) {
      problems.add(
          String.format(
              Locale.ROOT,
              "waited %.1f ms in the worker's queue, more than %.1f ms",
              worker.queueNanos() / NANOS_PER_MILLI,
              limitNanos / NANOS_PER_MILLI));
    }
  }

  /**
   * The worker's durations lie within the call. A duration that is longer than the enclosing client
   * duration is a clock discontinuity.
   */
  private static void clocks(List<String> problems, GenerateResult answer) {
    GenerateResult.WorkerDurations worker = answer.workerDurations();
    CallTimes times = answer.times();
    notLonger(
        problems,
        "worker's queue and TTFT",
        worker.queueNanos() + worker.ttftNanos(),
        answer.clientTtftNanos());
    notLonger(
        problems,
        "worker's durations",
        worker.queueNanos() + worker.ttftNanos() + worker.decodeNanos(),
        times.closedNanos() - times.sentNanos());
    notLonger(
        problems,
        "worker's prefill and first sample",
        worker.prefillNanos() + worker.firstSampleNanos(),
        worker.ttftNanos());
    notLonger(
        problems,
        "worker's KV load, busy",
        worker.kvLoadBusyNanos(),
        worker.queueNanos() + worker.ttftNanos());
    notLonger(
        problems,
        "worker's KV load, waited",
        worker.kvLoadWaitNanos(),
        Math.min(worker.kvLoadBusyNanos(), worker.prefillNanos()));
    if (Stream.of(
            worker.queueNanos(),
            worker.kvLoadBusyNanos(),
            worker.kvLoadWaitNanos(),
            worker.prefillNanos(),
            worker.firstSampleNanos(),
            worker.ttftNanos(),
            worker.decodeNanos())
        .anyMatch(nanos -> nanos < 0)) {
      problems.add("clock discontinuity: a duration of the worker is negative");
    }
  }

  private static void notLonger(List<String> problems, String what, long nanos, long boundNanos) {
    if (nanos > boundNanos + CLOCK_SLACK_NANOS) {
      problems.add(
          String.format(
              Locale.ROOT,
              "clock discontinuity: %s: %.6f s, longer than the enclosing %.6f s",
              what,
              nanos / NANOS_PER_SECOND,
              boundNanos / NANOS_PER_SECOND));
    }
  }

  /** Reason if chunks came from another tier than this one; empty if all did. */
  static Optional<String> tierProblem(GenerateResult answer, Tier tier, int tokenCount) {
    Map<String, Integer> expected = tokenCount == 0 ? Map.of() : Map.of(tier.id(), tokenCount);
    return answer.tierRows().equals(expected)
        ? Optional.empty()
        : Optional.of(
            "rows of chunks by tier: "
                + new TreeMap<>(answer.tierRows())
                + ", expected "
                + expected
                + "; give the worker more --chunk-memory and room in the tier");
  }

  /** Reason if the result of {@code Check} is invalid; empty if it is valid. */
  static Optional<String> problem(CheckedPrompt checked, RowCounts expected, int chunkCount) {
    List<String> problems = new ArrayList<>();
    differ(problems, "chunks", checked.chunkKeys().size(), chunkCount);
    differ(problems, "prompt tokens", checked.promptTokenCount(), expected.promptTokenCount());
    differ(problems, "computed rows", checked.forcedRowCount(), expected.computedTokenCount());
    differ(
        problems,
        "recomputed rows",
        checked.activePositions().size() - checked.forcedRowCount(),
        expected.recomputedTokenCount());
    return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
  }

  private static void differ(List<String> problems, String what, long actual, long expected) {
    if (actual != expected) {
      problems.add(what + ": " + actual + ", expected " + expected);
    }
  }
}
