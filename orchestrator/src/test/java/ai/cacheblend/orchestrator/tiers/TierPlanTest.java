package ai.cacheblend.orchestrator.tiers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.metrics.LayerwiseLoad;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TierPlanTest {
  private static final double GB = 1e9;
  private static final int LAYERS = 32;

  /** 4 layers; 8 GB of KV, 10 s for full prefill, 4 s for the arm. */
  private final TierPlan.Row row =
      new TierPlan.Row(100, (long) (8 * GB), .15, 10, LayerwiseLoad.ofEqualLayers(4, 4));

  @Test
  void loadingPaysWhereItEndsWithFullPrefill() {
    // A load of 9 s and the last layer of 1 s.
    assertThat(row.paysFrom()).isCloseTo(8 * GB / 9, within(1.0));
    assertThat(row.pays(row.paysFrom() * 1.001)).isTrue();
    assertThat(row.pays(row.paysFrom() * .999)).isFalse();
  }

  @Test
  void loadIsHiddenWhereItAddsFivePercent() {
    // 5 % of 4 s is .2 s for the first of four layers: .8 s for all.
    assertThat(row.hiddenFrom()).isCloseTo(8 * GB / .8, within(1.0));
    assertThat(row.seconds(row.hiddenFrom())).isCloseTo(4.2, within(1e-9));
  }

  @Test
  void freeRatioIsLoadOverPrefill() {
    assertThat(row.freeRatio(4 * GB)).isCloseTo(.2, within(1e-9));
    assertThat(row.freeRatio(.1 * GB)).isEqualTo(1);
  }

  @Test
  void anArmThatIsNotFasterNeverPays() {
    TierPlan.Row slow = new TierPlan.Row(100, (long) GB, .15, 4, LayerwiseLoad.ofEqualLayers(5, 4));

    assertThat(slow.paysFrom()).isInfinite();
    assertThat(slow.pays(1000 * GB)).isFalse();
  }

  /**
   * Mistral-7B on an H200, 131,072 bytes of KV per token: TTFT of full prefill and of 15 %,
   * measured with the KV on the device.
   */
  @ParameterizedTest
  @CsvSource({
    "2048, .049, .013, 41",
    "4096, .100, .023, 47",
    "8192, .205, .043, 50",
    "16384, .465, .090, 48"
  })
  void sweepOfBandwidthsIsConsistent(int tokens, double full, double blend, double maxHiddenFrom) {
    TierPlan.Row measured =
        new TierPlan.Row(
            tokens, tokens * 131_072L, .15, full, LayerwiseLoad.ofEqualLayers(blend, LAYERS));
    double loadFrom = measured.kvBytes() / (full - blend / LAYERS);
    assertThat(measured.paysFrom()).isCloseTo(loadFrom, within(1.0));
    assertThat(measured.paysFrom() / GB).isBetween(4.5, 6.0);
    assertThat(measured.hiddenFrom() / GB).isLessThan(maxHiddenFrom);
    double before = Double.POSITIVE_INFINITY;
    for (double rate : new double[] {1, 3, 5, 12, 25, 55}) {
      double seconds = measured.seconds(rate * GB);
      assertThat(seconds).isLessThan(before).isGreaterThan(blend);
      assertThat(seconds).isGreaterThan(measured.kvBytes() / (rate * GB));
      assertThat(measured.pays(rate * GB)).isEqualTo(rate * GB > measured.paysFrom());
      before = seconds;
    }
    assertThat(measured.seconds(55 * GB)).isLessThan(1.05 * blend);
  }
}
