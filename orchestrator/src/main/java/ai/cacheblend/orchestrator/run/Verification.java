package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Holds a worker's counts against what the arm is defined to do. */
final class Verification {
  /** Durations that are read one after the other, some of them on another device. */
  private static final long CLOCK_SLACK_NANOS = 1_000_000;

  private static final double NANOS_PER_SECOND = 1e9;

  private Verification() {}

  /**
   * What is wrong with an answer, in one line; empty if nothing is.
   *
   * @param exactTokens the answer must have all {@code newTokens}; otherwise at most as many
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
    int received = answer.tokenIds().length();
    differ(problems, "new tokens counted by the worker", answer.newTokenCount(), received);
    if (exactTokens || received > newTokens) {
      differ(problems, "new tokens", received, newTokens);
    }
    if (answer.times().firstMessageNanos() != answer.times().firstTokenNanos()) {
      problems.add("the first message holds no token");
    }
    clocks(problems, answer);
    return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
  }

  /**
   * The worker's work lies within the call, so no duration of it can be longer than what was seen
   * of the call from here; if one is, a clock jumped.
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
    notLonger(problems, "worker's KV load", worker.kvLoadNanos(), worker.prefillNanos());
    if (Stream.of(
            worker.queueNanos(),
            worker.kvLoadNanos(),
            worker.prefillNanos(),
            worker.firstSampleNanos(),
            worker.ttftNanos(),
            worker.decodeNanos())
        .anyMatch(nanos -> nanos < 0)) {
      problems.add("clock jumped: a duration of the worker is negative");
    }
  }

  private static void notLonger(List<String> problems, String what, long nanos, long boundNanos) {
    if (nanos > boundNanos + CLOCK_SLACK_NANOS) {
      problems.add(
          String.format(
              Locale.ROOT,
              "clock jumped: %s: %.6f s, more than the %.6f s that hold them",
              what,
              nanos / NANOS_PER_SECOND,
              boundNanos / NANOS_PER_SECOND));
    }
  }

  /** What is wrong with a worker's own forecast of an arm; empty if nothing is. */
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

  private static void differ(List<String> problems, String what, int actual, int expected) {
    if (actual != expected) {
      problems.add(what + ": " + actual + ", expected " + expected);
    }
  }
}
