package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LoadReport;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Collect;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.testing.Samples;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Prompts of 100 rows, of which 80 are cached in four chunks, on four layers. */
final class ChargedBudgetTest {
  private static final int LAYERS = 4;

  @Test
  void chunksThatWereComputedInsteadOfLoadedAreCharged() {
    NamedArm reuse = arm("full_kv_reuse");
    RowCounts all = new RowCounts(100, 80, 0, 20, new RowLayers(0, 0));
    RowCounts half = new RowCounts(100, 40, 0, 60, new RowLayers(0, 0));
    RowCounts none = new RowCounts(100, 0, 0, 100, new RowLayers(0, 0));

    assertThat(charged(reuse, trial(reuse, all, List.of()))).isZero();
    assertThat(charged(reuse, trial(reuse, half, List.of(1, 2)))).isEqualTo(.5);
    assertThat(charged(reuse, trial(reuse, none, List.of(1, 2, 3, 4)))).isEqualTo(1);
    assertThat(charged(reuse, trial(reuse, all, List.of()), trial(reuse, half, List.of(1, 2))))
        .isEqualTo(.25);
  }

  /** Of 40 rows, all in two layers and 10 in the others; the other 40 in every layer. */
  @Test
  void chargedRowsOfABlendAreAdded() {
    NamedArm blend = arm("cacheblend@0.25");
    RowCounts rows = new RowCounts(100, 30, 10, 60, new RowLayers(2 * 40 + 2 * 10, 0));

    assertThat(charged(blend, trial(blend, rows, List.of(1, 2))))
        .isEqualTo((100 + 4. * 40) / (4 * 80), within(1e-12));
  }

  private static double charged(NamedArm arm, Trial... trials) {
    return ChargedBudget.mean(List.of(trials), arm, LAYERS);
  }

  private static NamedArm arm(String text) {
    return ArmSyntax.parse(text, ArmDefaults.seed(0));
  }

  private static Trial trial(NamedArm arm, RowCounts rows, List<Integer> computed) {
    GenerateResult answer =
        new GenerateResult(
            ImmutableIntArray.of(5),
            "",
            "max_new_tokens",
            1,
            rows,
            new GenerateResult.WorkerDurations(0, 0, 0, 1, 1, 2, 0),
            new CallTimes(0, 0, 2, 2, ImmutableLongArray.of(2), 2),
            ImmutableDoubleArray.of(),
            List.of(),
            List.of(),
            List.of(),
            Map.of(),
            new LoadReport(
                computed, OptionalDouble.empty(), OptionalLong.empty(), OptionalLong.empty(), 0));
    return new Trial(
        Phase.MEASURED,
        100,
        0,
        new Origin(0, "gpu1:50051", "GPU-1"),
        "prompt",
        Optional.of(new Collect(4, 0, 80, 800, 1, 1)),
        List.of(
            new ArmRun(
                arm.name(),
                0,
                Samples.START,
                rows,
                Optional.of(answer),
                Optional.empty(),
                Optional.empty())),
        false,
        DeviceState.UNKNOWN,
        BlockLoad.UNKNOWN);
  }
}
