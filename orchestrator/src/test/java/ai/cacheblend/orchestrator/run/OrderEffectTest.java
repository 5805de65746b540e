package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.Trial;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class OrderEffectTest {
  @Test
  void fasterAfterOthersIsReported() {
    List<Trial> trials = trials(12, i -> i % 2 == 0 ? 100 + i % 3 : 50 + i % 3);

    OrderEffect effect = OrderEffect.of("full_prefill", trials).orElseThrow();

    assertThat(effect.ratio()).isBetween(1.9, 2.1);
    assertThat(effect.firstCount()).isEqualTo(6);
    assertThat(effect.laterCount()).isEqualTo(6);
    assertThat(effect.warning()).contains("full_prefill").contains("prefix cach");
  }

  @Test
  void slowerAfterOthersIsNotReported() {
    assertThat(OrderEffect.of("full_prefill", trials(12, i -> i % 2 == 0 ? 50 : 100 + i % 3)))
        .isEmpty();
  }

  @Test
  void noiseIsNotReported() {
    assertThat(OrderEffect.of("full_prefill", trials(12, i -> 100 + 7 * (i % 5)))).isEmpty();
  }

  @Test
  void smallGroupsNeedSeparationWithoutOverlap() {
    assertThat(OrderEffect.of("full_prefill", trials(4, i -> i % 2 == 0 ? 100 : 30))).isPresent();
    assertThat(OrderEffect.of("full_prefill", trials(4, i -> i % 2 == 0 ? 100 : 99))).isEmpty();
    assertThat(OrderEffect.of("full_prefill", trials(2, i -> i % 2 == 0 ? 100 : 30))).isEmpty();
  }

  @Test
  void lengthsAreComparedSeparately() {
    // The long prompts come first in their blocks, the short ones later: no effect of the order.
    List<Trial> trials =
        IntStream.range(0, 12)
            .mapToObj(i -> trial(i < 6 ? 4096 : 512, i, i % 2, i < 6 ? 800 + i % 3 : 100 + i % 3))
            .toList();

    assertThat(OrderEffect.of("full_prefill", trials)).isEmpty();
  }

  /** Every second trial has the arm in the first position. */
  private static List<Trial> trials(int count, IntToDoubleFunction millis) {
    return IntStream.range(0, count)
        .mapToObj(i -> trial(512, i, i % 2, millis.applyAsDouble(i)))
        .toList();
  }

  private static Trial trial(int length, int number, int order, double millis) {
    long nanos = (long) (millis * 1e6);
    RowCounts rows = new RowCounts(length, 0, 0, length, new RowLayers(0, 0));
    GenerateResult answer =
        new GenerateResult(
            ImmutableIntArray.of(5),
            "",
            "max_new_tokens",
            1,
            rows,
            new GenerateResult.WorkerDurations(0, 0, 0, nanos, 0, nanos, 0),
            new CallTimes(0, 0, nanos, nanos, ImmutableLongArray.of(nanos), nanos),
            ImmutableDoubleArray.of(),
            List.of(),
            List.of(),
            List.of());
    return new Trial(
        Phase.MEASURED,
        length,
        number,
        new Origin(0, "host:1", "cpu"),
        "hash" + number,
        Optional.empty(),
        List.of(
            new ArmRun(
                "full_prefill",
                order,
                Instant.EPOCH,
                rows,
                Optional.of(answer),
                Optional.empty(),
                Optional.empty())),
        false,
        DeviceState.UNKNOWN,
        BlockLoad.UNKNOWN);
  }
}
