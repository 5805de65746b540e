package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.GenerateResult;
import java.util.Map;

/** Changed answers. */
final class Answers {
  private Answers() {}

  static GenerateResult withTierRows(GenerateResult answer, Map<String, Integer> rows) {
    return new GenerateResult(
        answer.tokenIds(),
        answer.text(),
        answer.reason(),
        answer.newTokenCount(),
        answer.rows(),
        answer.workerDurations(),
        answer.times(),
        answer.logprobs(),
        answer.firstTopLogits(),
        answer.activePositions(),
        answer.layerScores(),
        rows);
  }
}
