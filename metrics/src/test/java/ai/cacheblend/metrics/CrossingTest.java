package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CrossingTest {
  private static final double[] LOADS = {1, 2, 4, 8};

  @Test
  void isInterpolatedInTheLogarithmOfTheLoad() {
    double crossing = at(0.9, 100, 100, 100, 80);

    assertThat(crossing).isCloseTo(4 * Math.sqrt(2), within(1e-12));
    assertThat(at(1.0, 100, 100, 100, 80)).isEqualTo(4);
  }

  @Test
  void isUnboundedWhereTheLimitIsNotCrossed() {
    assertThat(at(0.9, 89, 80, 70, 60)).isZero();
    assertThat(at(0.9, 100, 99, 95, 90)).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void aNoisyShareMakesNoSecondCrossing() {
    // 85 and 95 are pooled to 90, which meets the limit.
    assertThat(at(0.9, 100, 85, 95, 50)).isEqualTo(4);
    // 80 and 90 are pooled to 85: the crossing is before the first of them.
    assertThat(at(0.9, 100, 80, 90, 50)).isCloseTo(Math.pow(2, 10 / 15.0), within(1e-12));
  }

  /** By hand: 5, 7 and 6 of 10 are pooled to 18 of 30; 1 of 10 and 30 of 90 to 31 of 100. */
  @Test
  void pooledSharesAreTheIsotonicRegression() {
    assertThat(Crossing.falling(new double[] {9, 5, 7, 6, 2}, new double[] {10, 10, 10, 10, 10}))
        .containsExactly(new double[] {0.9, 0.6, 0.6, 0.6, 0.2}, within(1e-12));
    assertThat(Crossing.falling(new double[] {1, 30}, new double[] {10, 90}))
        .containsExactly(new double[] {0.31, 0.31}, within(1e-12));
  }

  @Test
  void refusesLoadsThatDoNotRise() {
    assertThatThrownBy(
            () -> Crossing.of(new double[] {2, 2}, new double[] {1, 1}, new double[] {1, 1}, 0.5))
        .hasMessage("loads[1]: 2.0; use rising loads");
    assertThatThrownBy(() -> at(1.5, 1, 1, 1, 1)).hasMessageContaining("limit is 1.5");
  }

  private static double at(double limit, double... hits) {
    return Crossing.of(LOADS, hits, new double[] {100, 100, 100, 100}, limit);
  }
}
