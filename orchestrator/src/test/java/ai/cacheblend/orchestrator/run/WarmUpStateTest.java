package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.Trial;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class WarmUpStateTest {
  private static final WarmUp RULE = new WarmUp(3, 6, 3, 0.1);

  @Test
  void tooFewTrialsAreUnknown() {
    WarmUpState state = WarmUpState.of(RULE, trials(100, 100));

    assertThat(state.stable()).isEmpty();
    assertThat(state.capReached()).isFalse();
  }

  @Test
  void onlyTheLastTrialsAreUsed() {
    assertThat(WarmUpState.of(RULE, trials(900, 100, 104, 99)).stable()).contains(true);
    assertThat(WarmUpState.of(RULE, trials(100, 900, 104, 99)).stable()).contains(false);
  }

  @Test
  void driftIsNotStableEvenWithLittleSpread() {
    // From 106 to 94 is 12 % of the mean, its standard deviation 6 %.
    WarmUpState state = WarmUpState.of(RULE, trials(106, 100, 94));

    assertThat(state.stable()).contains(false);
    assertThat(state.worst().orElseThrow().stability().drift()).isBetween(-0.0121, -0.0119);
  }

  @Test
  void noiseEndsTheWarmUpIfNothingBecomesFaster() {
    WarmUpState state = WarmUpState.of(RULE, trials(100, 140, 120, 130, 110, 150));

    assertThat(state.times()).isEqualTo(WarmUpState.Times.NOISY);
    assertThat(state.stable()).contains(false);
    assertThat(state.warm()).isTrue();
    assertThat(state.capReached()).isFalse();
    assertThat(state.worst().orElseThrow().gain()).isCloseTo(-0.010, within(1e-9));
  }

  @Test
  void noiseWithAGainDoesNotEndTheWarmUp() {
    // The median falls from 160 to 130, by more than 10 %.
    WarmUpState state = WarmUpState.of(RULE, trials(160, 140, 180, 130, 110, 150));

    assertThat(state.times()).isEqualTo(WarmUpState.Times.MOVING);
    assertThat(state.capReached()).isTrue();
  }

  @Test
  void oneWindowCannotDistinguishNoiseFromWarmUp() {
    assertThat(WarmUpState.of(RULE, trials(140, 120, 130, 110, 150)).times())
        .isEqualTo(WarmUpState.Times.MOVING);
  }

  @Test
  void differencesBelowAMillisecondAreNoise() {
    assertThat(WarmUpState.of(RULE, trials(1, 2, 2)).stable()).contains(true);
  }

  @Test
  void reachingTheCapIsReported() {
    WarmUpState state = WarmUpState.of(RULE, trials(600, 500, 400, 300, 200, 100));

    assertThat(state.capReached()).isTrue();
    assertThat(WarmUpState.of(RULE, trials(900, 500, 400, 100, 100, 100)).capReached()).isFalse();
    assertThat(WarmUpState.of(WarmUp.exactly(4), trials(900, 500, 400, 100)).capReached())
        .isFalse();
  }

  private static List<Trial> trials(int... ttftMillis) {
    List<Trial> trials = new ArrayList<>();
    for (int millis : ttftMillis) {
      RowCounts rows = new RowCounts(1, 0, 0, 1, new RowLayers(0, 0));
      long ttftNanos = millis * 1_000_000L;
      GenerateResult result =
          new GenerateResult(
              ImmutableIntArray.of(5),
              "",
              "max_new_tokens",
              1,
              rows,
              new GenerateResult.WorkerDurations(0, 0, 0, 0, 0, ttftNanos, 0),
              new CallTimes(
                  0, 0, ttftNanos, ttftNanos, ImmutableLongArray.of(ttftNanos), ttftNanos),
              ImmutableDoubleArray.of(),
              List.of(),
              List.of(),
              List.of());
      trials.add(
          new Trial(
              Phase.WARMUP,
              64,
              trials.size(),
              new Origin(0, "host:1", "cpu"),
              "babe",
              Optional.empty(),
              List.of(
                  new ArmRun(
                      "full_prefill",
                      0,
                      Instant.EPOCH,
                      rows,
                      Optional.of(result),
                      Optional.empty(),
                      Optional.empty())),
              false,
              DeviceState.UNKNOWN,
              BlockLoad.UNKNOWN));
    }
    return trials;
  }
}
