package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class HolmTest {

  /** By hand: 4 x .005, 3 x .01, then 2 x .03 = .06, and .04 is no less than the one before it. */
  @Test
  void smallestPIsMultipliedByTheNumberOfTests() {
    assertThat(Holm.adjusted(0.01, 0.04, 0.03, 0.005))
        .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-12));
  }

  @Test
  void onePValueIsUnchanged() {
    assertThat(Holm.adjusted(0.04)).containsExactly(0.04);
    assertThat(Holm.adjusted()).isEmpty();
  }

  @Test
  void adjustedValuesAreAtMostOne() {
    assertThat(Holm.adjusted(0.9, 0.8)).containsExactly(1, 1);
  }

  @Test
  void valuesThatAreNotProbabilitiesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Holm.adjusted(0.1, Double.NaN))
        .withMessageContaining("p[1]: NaN");
  }
}
