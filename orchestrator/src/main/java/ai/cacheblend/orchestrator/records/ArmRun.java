package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import com.google.common.primitives.ImmutableIntArray;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One arm's answer to the prompt of a block.
 *
 * @param order from 0, position of the arm in its block
 * @param expectedRows row counts by the definition of the arm
 * @param answer empty if the call failed
 * @param problem why the answer is invalid; empty if it is valid
 * @param score empty in a TTFT run
 */
public record ArmRun(
    String arm,
    int order,
    Instant startedAt,
    RowCounts expectedRows,
    Optional<GenerateResult> answer,
    Optional<String> problem,
    Optional<Score> score) {

  /**
   * Scores of an answer.
   *
   * @param text the part of the answer that is scored
   * @param byMetric between 0 and 1, the headline metric first
   */
  public record Score(String text, Map<String, Double> byMetric) {
    /** Whether there is no text to score. */
    public boolean isEmpty() {
      return text.isBlank();
    }

    public Score {
      byMetric = Collections.unmodifiableMap(new LinkedHashMap<>(byMetric));
    }
  }

  public ArmRun {
    if (answer.isEmpty() && problem.isEmpty()) {
      throw new IllegalArgumentException("arm " + arm + " has neither an answer nor a problem");
    }
  }

  /** The same with a problem in addition. */
  public ArmRun withProblem(String other) {
    return new ArmRun(
        arm,
        order,
        startedAt,
        expectedRows,
        answer,
        Optional.of(problem.map(first -> first + "; " + other).orElse(other)),
        score);
  }

  public boolean valid() {
    return problem.isEmpty();
  }

  /** Text of the answer; empty if the call failed. */
  public String text() {
    return answer.map(GenerateResult::text).orElse("");
  }

  /** Tokens of the answer; empty if the call failed. */
  public ImmutableIntArray tokenIds() {
    return answer.map(GenerateResult::tokenIds).orElse(ImmutableIntArray.of());
  }

  public int promptRowCount() {
    return expectedRows.promptTokenCount();
  }

  /** Rows with stored KV that the arm may reuse. */
  public int cachedRowCount() {
    return expectedRows.reusedTokenCount() + expectedRows.recomputedTokenCount();
  }

  /** Rows that the arm computes to the last layer. */
  public int activeRowCount() {
    return expectedRows.recomputedTokenCount() + expectedRows.computedTokenCount();
  }

  /** A duration of the answer in seconds; empty if the call failed. */
  public Optional<Double> seconds(Measure measure) {
    return answer.map(measure::seconds);
  }

  /** How its chunks came to the device; empty if the call failed. */
  public Optional<KvLoad> load() {
    return answer.map(KvLoad::of);
  }

  /** Score on one metric. Every valid arm run of a quality run has one. */
  public double score(String metric) {
    return score.orElseThrow().byMetric().get(metric);
  }
}
