package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.plan.PromptShape.Part;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowCountsTest {
  private static final int LAYERS = 4;

  /** BOS, chunks of 20, 33 and 17 tokens, 9 fresh ones: 70 rows are eligible. */
  private static final PromptShape FRESH_END = shape("1f 20c 33c 17c 9f");

  /** The last row belongs to a chunk and is computed anyway: 52 rows are eligible. */
  private static final PromptShape CACHED_END = shape("1f 20c 33c");

  @ParameterizedTest
  @CsvSource({
    "full_prefill,          80,  0, 0, 80, 0, 0",
    "full_kv_reuse,         80, 70, 0, 10, 0, 0",
    "cacheblend@0.15,       80, 59, 11, 10, 162, 0",
    "cacheblend@0,          80, 70, 0, 10, 140, 0",
    "cacheblend@1,          80, 0, 70, 10, 280, 0",
    "cacheblend@0.3,        80, 49, 21, 10, 182, 0",
    "cacheblend@1=0.5;2=0.3, 80, 49, 21, 10, 196, 0",
    "chunk-head@0.15,       80, 59, 11, 10, 44, 0",
    "chunk-head:k=19,       80, 15, 55, 10, 220, 0",
    "random@0.15,           80, 59, 11, 10, 44, 0",
    "query-attn@0.15,       80, 59, 11, 10, 44, 40",
    "query-attn@0.15:expand:layers=1-2, 80, 59, 11, 10, 44, 30",
    "head-attn@0.15:layers=0, 80, 59, 11, 10, 44, 10",
    "deviation-x-attn@0.15:layers=0-1, 80, 59, 11, 10, 162, 20",
    "head-attn@0.15,        80, 59, 11, 10, 44, 40",
    "deviation-x-attn@0.15, 80, 59, 11, 10, 162, 40",
  })
  void rowsWithAFreshEnd(
      String arm,
      int prompt,
      int reused,
      int recomputed,
      int computed,
      long recomputedLayers,
      long probedLayers) {
    assertThat(expected(arm, FRESH_END))
        .isEqualTo(
            new RowCounts(
                prompt,
                reused,
                recomputed,
                computed,
                new RowLayers(recomputedLayers, probedLayers)));
  }

  @ParameterizedTest
  @CsvSource({
    "full_prefill,          54,  0, 0, 54, 0, 0",
    "full_kv_reuse,         54, 52, 0, 2, 0, 0",
    "cacheblend@0.25,       54, 39, 13, 2, 130, 0",
    "cacheblend@1,          54, 0, 52, 2, 208, 0",
    "chunk-head:k=33,       54, 0, 52, 2, 208, 0",
    "query-attn@0.25,       54, 39, 13, 2, 52, 8",
  })
  void rowsWithACachedEnd(
      String arm,
      int prompt,
      int reused,
      int recomputed,
      int computed,
      long recomputedLayers,
      long probedLayers) {
    assertThat(expected(arm, CACHED_END))
        .isEqualTo(
            new RowCounts(
                prompt,
                reused,
                recomputed,
                computed,
                new RowLayers(recomputedLayers, probedLayers)));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "15, 0", "16, 16", "71, 64", "79, 64", "80, 64", "95, 64"})
  void prefixCachingReusesFullBlocksBeforeTheLastRow(int shared, int reused) {
    assertThat(
            RowCounts.expected(
                new Arm.PrefixCaching(), FRESH_END, LAYERS, new PrefixReuse(16, shared)))
        .isEqualTo(new RowCounts(80, reused, 0, 80 - reused, RowLayers.NONE));
  }

  /** A prompt of full blocks: its last block is computed again. */
  @Test
  void prefixCachingComputesTheLastRow() {
    assertThat(new PrefixReuse(20, 80).rows(80)).isEqualTo(60);
    assertThat(new PrefixReuse(16, 0).rows(1)).isZero();
    assertThat(expected("prefix_caching", FRESH_END).reusedTokenCount()).isZero();
  }

  @Test
  void theChargedBudgetIsTheWorkPerEligibleRowAndLayer() {
    assertThat(charged("query-attn@0.2")).isEqualTo(0.2 + 10.0 / 70, within(1e-12));
    assertThat(charged("chunk-head@0.2")).isEqualTo(0.2, within(1e-12));
    assertThat(charged("cacheblend@0.2")).isEqualTo((1 + 1 + 0.2 + 0.2) / 4, within(1e-12));
    assertThat(charged("full_kv_reuse")).isZero();
    assertThat(charged("full_prefill")).isEqualTo(1);
  }

  /** A third of the cached rows were computed, and of the others a fifth in the last two layers. */
  @Test
  void rowsThatAreComputedInsteadOfLoadedAreCharged() {
    RowCounts rows = new RowCounts(100, 40, 10, 50, new RowLayers(2 * 50 + 2 * 10, 0));

    assertThat(rows.chargedBudget(LAYERS, 25)).isEqualTo((120 + 4. * 25) / (4 * 75), within(1e-12));
    assertThat(new RowCounts(100, 0, 0, 100, RowLayers.NONE).chargedBudget(LAYERS, 75))
        .isEqualTo(1);
  }

  private static double charged(String arm) {
    return expected(arm, FRESH_END).chargedBudget(LAYERS);
  }

  @Test
  void aPromptWithoutCachedRowsIsNotProbed() {
    PromptShape plain = new PromptShape(List.of(new Part(9, false)));
    assertThat(expected("query-attn@0.15", plain))
        .isEqualTo(new RowCounts(9, 0, 0, 9, new RowLayers(0, 0)));
  }

  @Test
  void scheduleKeepsLastShare() {
    Arm arm = ArmSyntax.parse("cacheblend@1=0.5,2=0.3,3=0.2", ArmDefaults.seed(0)).arm();

    assertThat(RowCounts.expected(arm, FRESH_END, LAYERS).recomputedTokenCount()).isEqualTo(14);
  }

  @ParameterizedTest
  @CsvSource({"0.07, 100, 7", "0.29, 100, 29", "0.1, 30, 3", "0.15, 20, 3", "0.15, 21, 4"})
  void sharesAreDecimalFractions(double share, int eligible, int rows) {
    PromptShape shape = new PromptShape(List.of(new Part(eligible, true), new Part(1, false)));
    Arm arm = new Arm.CacheBlend(new Selector.RandomRows(share, 0));

    assertThat(RowCounts.expected(arm, shape, LAYERS).recomputedTokenCount()).isEqualTo(rows);
  }

  private static RowCounts expected(String arm, PromptShape shape) {
    // A comma separates the columns of a test case.
    return RowCounts.expected(
        ArmSyntax.parse(arm.replace(';', ','), ArmDefaults.seed(0)).arm(), shape, LAYERS);
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
