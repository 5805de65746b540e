package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Holds a worker's counts against what the arm is defined to do. */
final class Verification {
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
    return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
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
