package ai.cacheblend.integration;

import static ai.cacheblend.integration.Golden.SCORE_OF_EQUAL_ROWS;
import static ai.cacheblend.integration.Golden.comparesEqualRowsOnly;
import static ai.cacheblend.integration.Golden.integers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.integration.Answers.Answer;
import ai.cacheblend.proto.v1.LayerScores;
import ai.cacheblend.proto.v1.TokenValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;

/** Compares answers of a worker in fp32 with those of the reference. */
final class GoldenAssertions {
  static final double LOGPROB_ERROR = 1e-3;
  static final double SCORE_ERROR_RELATIVE = 1e-3;

  private GoldenAssertions() {}

  /**
   * Rows, scores, tokens and logits of a request of {@code blend.json} or {@code selectors.json}.
   */
  static void assertBlend(RealWorker worker, JsonNode blendCase) {
    JsonNode request = blendCase.get("request");
    assertBlend(
        Answers.collectAndGenerate(
            worker.calls(),
            Golden.segments(request),
            Golden.arm(request),
            request.get("max_tokens").asInt()),
        blendCase);
  }

  static void assertBlend(Answer answer, JsonNode blendCase) {
    JsonNode result = blendCase.get("result");
    assertTokens(answer, result.get("token_ids"), result.get("logprobs"));
    if (comparesEqualRowsOnly(result)) {
      assertAnyEqualRowsChosen(answer, result);
    } else {
      assertScores(answer.finished().getLayerScoresList(), result.get("check_scores"));
      assertThat(answer.finished().getActivePositionsList())
          .isEqualTo(integers(result.get("recomputed_positions")));
    }
    assertThat(answer.finished().getFirstTopLogitsList())
        .extracting(TokenValue::getTokenId)
        .isEqualTo(integers(result.get("first_logits_top5"), 0));
  }

  /**
   * If all compared rows equal their cached rows, the selection of the reference depends on
   * rounding errors only. Ties go to the lowest positions. On a GPU there are no exact ties: fp32
   * products of cuBLAS differ in the last bit between row counts, so that any rows may be chosen.
   */
  private static void assertAnyEqualRowsChosen(Answer answer, JsonNode result) {
    List<Integer> compared = integers(result.get("check_scores").iterator().next(), 0);
    List<Integer> reference = integers(result.get("recomputed_positions"));
    assertThat(answer.finished().getLayerScoresList())
        .allSatisfy(
            layer ->
                assertThat(layer.getScoresList()).allMatch(score -> score <= SCORE_OF_EQUAL_ROWS));
    List<Integer> active = answer.finished().getActivePositionsList();
    List<Integer> forced =
        reference.stream().filter(position -> !compared.contains(position)).toList();
    assertThat(active).hasSize(reference.size()).containsAll(forced);
    if (RealWorker.onCpu()) {
      assertThat(active)
          .isEqualTo(
              Stream.concat(
                      forced.stream(), compared.stream().limit(reference.size() - forced.size()))
                  .sorted()
                  .toList());
    }
  }

  static void assertTokens(Answer answer, JsonNode tokenIds, JsonNode logprobs) {
    assertThat(answer.tokenIds()).isEqualTo(integers(tokenIds));
    assertThat(answer.logprobs()).hasSize(logprobs.size());
    for (int i = 0; i < logprobs.size(); i++) {
      assertThat(answer.logprobs().get(i))
          .isCloseTo(logprobs.get(i).asDouble(), within(LOGPROB_ERROR));
    }
  }

  private static void assertScores(List<LayerScores> actual, JsonNode expected) {
    assertThat(actual).hasSize(expected.size());
    for (LayerScores layer : actual) {
      JsonNode scores = expected.get(Integer.toString(layer.getLayer()));
      assertThat(layer.getPositionsList()).isEqualTo(integers(scores, 0));
      for (int i = 0; i < scores.size(); i++) {
        double score = scores.get(i).get(1).asDouble();
        assertThat((double) layer.getScores(i))
            .isCloseTo(score, within(SCORE_OF_EQUAL_ROWS + SCORE_ERROR_RELATIVE * score));
      }
    }
  }
}
