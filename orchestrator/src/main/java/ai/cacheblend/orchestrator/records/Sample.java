package ai.cacheblend.orchestrator.records;

import java.util.Map;
import java.util.Optional;

/**
 * One prompt of a data set, answered by every arm.
 *
 * @param answers by arm; some are missing where the sample is not valid
 */
public record Sample(
    String id,
    String worker,
    boolean valid,
    Optional<String> problem,
    String promptHash,
    Map<String, Answer> answers) {

  /**
   * One arm's answer.
   *
   * @param scores by metric
   * @param clientTtft in seconds
   */
  public record Answer(Map<String, Double> scores, double clientTtft) {
    static Answer of(JsonSource json) {
      return new Answer(
          json.map("scores", JsonSource::number), json.get("seconds").number("client_ttft"));
    }
  }

  static Sample of(JsonSource json) {
    return new Sample(
        json.text("id"),
        json.text("worker"),
        json.bool("valid"),
        json.findText("problem"),
        json.text("prompt_hash"),
        json.map("answers", Answer::of));
  }
}
