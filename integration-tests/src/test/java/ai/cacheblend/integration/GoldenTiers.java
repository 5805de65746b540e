package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.integration.Answers.Answer;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.Tier;
import ai.cacheblend.proto.v1.TierRows;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** The reference answers, with chunks that come from a tier below the device. */
final class GoldenTiers {
  private GoldenTiers() {}

  /** Every case of a checkpoint that reads chunks. */
  static void assertCases(RealWorker worker, String name, Tier tier) {
    for (String file : List.of("selectors.json", "blend.json")) {
      for (JsonNode blendCase : Golden.read(name, file)) {
        JsonNode request = blendCase.get("request");
        Arm arm = Golden.arm(request);
        if (arm.hasFullPrefill()) {
          continue;
        }
        Answer answer =
            Answers.generateFrom(
                tier,
                worker.calls(),
                Golden.segments(request),
                arm,
                request.get("max_tokens").asInt());
        assertThat(answer.finished().getTierRowsList())
            .extracting(TierRows::getTier)
            .containsExactly(tier);
        GoldenAssertions.assertBlend(answer, blendCase);
      }
    }
  }
}
