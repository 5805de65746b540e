package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SpeedUpTest {

  @Test
  void ratioOfMeansAndGeometricMeanDiffer() {
    SpeedUp speedUp = SpeedUp.ofPairs(new double[] {2, 16}, new double[] {1, 2});

    assertThat(speedUp.n()).isEqualTo(2);
    assertThat(speedUp.ratioOfMeans()).isCloseTo(6, within(1e-12));
    assertThat(speedUp.geometricMean()).isCloseTo(4, within(1e-12));
    // Logarithms ln 2 and ln 8: mean ln 4, standard error ln 2, t(1 degree of freedom) 12.7062.
    assertThat(speedUp.high95()).isCloseTo(4 * Math.pow(2, 12.706205), within(1e-2));
    assertThat(speedUp.low95()).isCloseTo(4 / Math.pow(2, 12.706205), within(1e-8));
    assertThat(speedUp.isResolved()).isFalse();
  }

  @Test
  void constantRatioIsResolved() {
    SpeedUp speedUp = SpeedUp.ofPairs(new double[] {3, 30, 6}, new double[] {1, 10, 2});

    assertThat(speedUp.geometricMean()).isCloseTo(3, within(1e-12));
    assertThat(speedUp.low95()).isCloseTo(3, within(1e-9));
    assertThat(speedUp.high95()).isCloseTo(3, within(1e-9));
    assertThat(speedUp.isResolved()).isTrue();
  }

  @Test
  void onePairHasNoInterval() {
    SpeedUp speedUp = SpeedUp.ofPairs(new double[] {3}, new double[] {1.5});

    assertThat(speedUp)
        .isEqualTo(new SpeedUp(1, 2, speedUp.geometricMean(), Double.NaN, Double.NaN));
    assertThat(speedUp.geometricMean()).isCloseTo(2, within(1e-12));
    assertThat(speedUp.isResolved()).isFalse();
  }

  @Test
  void unpairedRatioAllowsUnequalCounts() {
    assertThat(SpeedUp.ofMeans(Summary.of(4, 6), Summary.of(2))).isEqualTo(2.5);
  }

  @Test
  void refusesTimesThatAreNotPositive() {
    assertThatThrownBy(() -> SpeedUp.ofMeans(Summary.of(1), Summary.of(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("candidate.mean: 0.0; use a positive, finite time");
    assertThatThrownBy(() -> SpeedUp.ofPairs(new double[] {1, -1}, new double[] {1, 1}))
        .hasMessageStartingWith("baselineTimes[1]: -1.0");
    assertThatThrownBy(() -> SpeedUp.ofPairs(new double[] {1}, new double[] {Double.NaN}))
        .hasMessageStartingWith("candidateTimes[0]: NaN");
    assertThatThrownBy(() -> SpeedUp.ofPairs(new double[0], new double[0]))
        .hasMessageContaining("empty");
  }
}
