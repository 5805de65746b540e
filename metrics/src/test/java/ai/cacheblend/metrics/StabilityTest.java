package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** References by numpy 2.4.6: {@code src/test/python/statistics_golden.py}. */
final class StabilityTest {

  @Test
  void driftIsTheChangeAlongTheLeastSquaresLine() {
    Stability stability = Stability.of(5.0, 4.2, 4.4, 3.9);

    assertThat(stability.drift()).isCloseTo(-0.93, within(1e-12));
    assertThat(stability.spread()).isCloseTo(0.4645786621588785, within(1e-12));
    assertThat(stability.within(0.92)).isFalse();
    assertThat(stability.within(0.94)).isTrue();
  }

  @Test
  void constantSeriesHasNoDrift() {
    assertThat(Stability.of(2, 2, 2)).isEqualTo(new Stability(2, 0, 0));
  }

  @Test
  void twoValuesAreRefused() {
    assertThatThrownBy(() -> Stability.of(1, 2)).hasMessageContaining("three");
  }
}
