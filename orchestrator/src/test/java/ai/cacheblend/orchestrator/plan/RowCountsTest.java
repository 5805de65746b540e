package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.PromptShape.Part;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowCountsTest {
  /** BOS, chunks of 20, 33 and 17 tokens, 9 fresh ones: 70 rows are eligible. */
  private static final PromptShape FRESH_END = shape("1f 20c 33c 17c 9f");

  /** The last row belongs to a chunk and is computed anyway: 52 rows are eligible. */
  private static final PromptShape CACHED_END = shape("1f 20c 33c");

  @ParameterizedTest
  @CsvSource({
    "full_prefill,          80,  0, 0, 80",
    "full_kv_reuse,         80, 70, 0, 10",
    "cacheblend@0.15,       80, 59, 11, 10",
    "cacheblend@0,          80, 70, 0, 10",
    "cacheblend@1,          80, 0, 70, 10",
    "cacheblend@0.3,        80, 49, 21, 10",
    "chunk-head@0.15,       80, 59, 11, 10",
    "chunk-head:k=19,       80, 15, 55, 10",
    "random@0.15,           80, 59, 11, 10",
  })
  void rowsWithAFreshEnd(String arm, int prompt, int reused, int recomputed, int computed) {
    assertThat(expected(arm, FRESH_END))
        .isEqualTo(new RowCounts(prompt, reused, recomputed, computed));
  }

  @ParameterizedTest
  @CsvSource({
    "full_prefill,          54,  0, 0, 54",
    "full_kv_reuse,         54, 52, 0, 2",
    "cacheblend@0.25,       54, 39, 13, 2",
    "cacheblend@1,          54, 0, 52, 2",
    "chunk-head:k=33,       54, 0, 52, 2",
  })
  void rowsWithACachedEnd(String arm, int prompt, int reused, int recomputed, int computed) {
    assertThat(expected(arm, CACHED_END))
        .isEqualTo(new RowCounts(prompt, reused, recomputed, computed));
  }

  @Test
  void scheduleKeepsLastShare() {
    Arm arm = ArmSyntax.parse("cacheblend@1=0.5,2=0.3,3=0.2", ArmDefaults.seed(0)).arm();

    assertThat(RowCounts.expected(arm, FRESH_END).recomputedTokenCount()).isEqualTo(14);
  }

  @ParameterizedTest
  @CsvSource({"0.07, 100, 7", "0.29, 100, 29", "0.1, 30, 3", "0.15, 20, 3", "0.15, 21, 4"})
  void sharesAreDecimalFractions(double share, int eligible, int rows) {
    PromptShape shape = new PromptShape(List.of(new Part(eligible, true), new Part(1, false)));
    Arm arm = new Arm.CacheBlend(new Selector.RandomRows(share, 0));

    assertThat(RowCounts.expected(arm, shape).recomputedTokenCount()).isEqualTo(rows);
  }

  private static RowCounts expected(String arm, PromptShape shape) {
    return RowCounts.expected(ArmSyntax.parse(arm, ArmDefaults.seed(0)).arm(), shape);
  }

  private static PromptShape shape(String parts) {
    return new PromptShape(
        List.of(parts.split(" ")).stream()
            .map(
                part ->
                    new Part(
                        Integer.parseInt(part.substring(0, part.length() - 1)), part.endsWith("c")))
            .toList());
  }
}
