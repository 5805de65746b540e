package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One sample answered by every arm.
 *
 * @param index from 0, in the data set's order
 * @param promptHash names the prompt
 * @param collect empty where the sample ended before its chunks were stored
 * @param answers in the order they were given
 * @param problem why the sample does not count; empty if every answer is sound
 * @param workerLost whether it ended because its workers went away
 * @param device how the worker's device was doing when it had ended
 */
public record SampleResult(
    int index,
    String id,
    String type,
    List<String> references,
    Origin origin,
    Instant startedAt,
    String promptHash,
    int promptTokenCount,
    int cachedTokenCount,
    Optional<Collect> collect,
    List<Answer> answers,
    Optional<String> problem,
    boolean workerLost,
    DeviceState device) {

  /**
   * Storing the sample's chunks.
   *
   * @param hitCount chunks that had been stored before
   */
  public record Collect(int chunkCount, int hitCount, long clientNanos, long workerNanos) {}

  /**
   * One arm's answer.
   *
   * @param order from 0, within the sample
   * @param scoredText what of the text is scored
   * @param scores by metric, the headline first
   */
  public record Answer(
      String arm,
      int order,
      Instant startedAt,
      String scoredText,
      Map<String, Double> scores,
      RowCounts expected,
      GenerateResult result,
      Optional<String> problem) {
    public Answer {
      scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }

    /** Whether there is no text to score. */
    boolean isEmpty() {
      return scoredText.isBlank();
    }
  }

  public SampleResult {
    references = List.copyOf(references);
    answers = List.copyOf(answers);
  }

  public String worker() {
    return origin.worker();
  }

  public boolean valid() {
    return problem.isEmpty();
  }

  /** The answer of an arm; there is one for each arm of a valid sample. */
  public Answer answer(String arm) {
    return answers.stream().filter(answer -> answer.arm().equals(arm)).findFirst().orElseThrow();
  }
}
