package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.GenerateResult;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Map;

/** Changed answers. */
final class Answers {
  private Answers() {}

  static GenerateResult withTierRows(GenerateResult answer, Map<String, Integer> rows) {
    return changed(answer, answer.tokenIds(), rows);
  }

  static GenerateResult withOneTokenLess(GenerateResult answer) {
    return changed(
        answer, answer.tokenIds().subArray(1, answer.tokenIds().length()), answer.tierRows());
  }

  private static GenerateResult changed(
      GenerateResult answer, ImmutableIntArray tokenIds, Map<String, Integer> tierRows) {
    return new GenerateResult(
        tokenIds,
        answer.text(),
        answer.reason(),
        tokenIds.length(),
        answer.rows(),
        answer.workerDurations(),
        answer.times(),
        answer.logprobs(),
        answer.firstTopLogits(),
        answer.activePositions(),
        answer.layerScores(),
        tierRows,
        answer.load());
  }
}
