package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.PrefixReuse;
import ai.cacheblend.orchestrator.plan.PromptShape;
import ai.cacheblend.orchestrator.plan.RowCounts;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class LoadReportTest {
  /** BOS, two chunks, a question. */
  private static final PromptShape SHAPE =
      new PromptShape(
          List.of(
              new PromptShape.Part(1, false),
              new PromptShape.Part(20, true),
              new PromptShape.Part(30, true),
              new PromptShape.Part(9, false)));

  @Test
  void computedChunksAndTheRatioDefineTheRows() {
    RowCounts rows =
        report(.5, 1).expectedRows(arm("random@auto"), SHAPE, 4, new PrefixReuse(16, 0));

    assertThat(rows.computedTokenCount()).isEqualTo(1 + 20 + 9);
    assertThat(rows.recomputedTokenCount()).isEqualTo(15);
    assertThat(rows.reusedTokenCount()).isEqualTo(15);
    assertThat(rows.layers().recomputed()).isEqualTo(4 * 15);
  }

  @Test
  void computedChunksMustBeAllowedAndCached() {
    Arm arm = arm("full_kv_reuse");

    assertThat(report(List.of(1)).problem(arm, SHAPE, true)).isEmpty();
    assertThat(report(List.of(1)).problem(arm, SHAPE, false))
        .contains("chunks computed instead of loaded: 1");
    assertThat(report(List.of(3)).problem(arm, SHAPE, true))
        .contains("recomputed segment 3 is not cached");
    assertThat(report(List.of(4)).problem(arm, SHAPE, true))
        .contains("recomputed segment 4 is not cached");
  }

  @Test
  void onlyArmsThatRaiseTheRatioHaveOne() {
    assertThat(report(.15).problem(arm("random@auto"), SHAPE, false)).isEmpty();
    assertThat(report(1.).problem(arm("random@auto"), SHAPE, false)).isEmpty();
    assertThat(report(.1).problem(arm("random@auto"), SHAPE, false)).isPresent();
    assertThat(report(Double.NaN).problem(arm("random@auto"), SHAPE, false)).isPresent();
    assertThat(report(List.of()).problem(arm("random@auto"), SHAPE, false))
        .contains("the worker reports no ratio");
    assertThat(report(.15).problem(arm("random@0.15"), SHAPE, true))
        .contains("the worker raised the ratio");
    // Nothing is left to recompute.
    assertThat(report(List.of(1, 2)).problem(arm("random@auto"), SHAPE, true)).isEmpty();
  }

  private static Arm arm(String text) {
    return ArmSyntax.parse(text, ArmDefaults.seed(0)).arm();
  }

  private static LoadReport report(List<Integer> segments) {
    return new LoadReport(
        segments, OptionalDouble.empty(), OptionalLong.empty(), OptionalLong.empty(), 0);
  }

  private static LoadReport report(double ratio, Integer... segments) {
    return new LoadReport(
        List.of(segments), OptionalDouble.of(ratio), OptionalLong.empty(), OptionalLong.empty(), 0);
  }
}
