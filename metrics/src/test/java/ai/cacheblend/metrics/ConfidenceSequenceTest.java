package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfidenceSequenceTest {
  private static final double GRID = 0.001;

  /** The lowest point of the grid that is kept lies less than a step above the exact end. */
  @ParameterizedTest
  @MethodSource("ai.cacheblend.metrics.BettingTestTest#goldenSequences")
  void endsEqualTheGoldenUpToItsGrid(BettingGolden golden) {
    Interval interval = ConfidenceSequence.of(golden.differences().toArray(), golden.alpha());

    assertThat(golden.interval().low() - interval.low()).isBetween(-1e-4, GRID + 1e-4);
    assertThat(interval.high() - golden.interval().high()).isBetween(-1e-4, GRID + 1e-4);
  }

  @Test
  void intervalContainsExactlyTheMeansThatNoSideRejects() {
    SplittableRandom random = new SplittableRandom(4);
    for (int run = 0; run < 50; run++) {
      double[] values =
          random.doubles(2 + run, -1, 1).map(v -> Math.abs(v) < 0.6 ? 0 : v).toArray();
      Interval interval = ConfidenceSequence.of(values, 0.05);

      for (double mean = -0.99; mean < 1; mean += 0.01) {
        boolean kept =
            log(values, mean) < Math.log(40) && log(negated(values), -mean) < Math.log(40);
        boolean atAnEnd =
            Math.abs(mean - interval.low()) < 1e-6 || Math.abs(mean - interval.high()) < 1e-6;
        assertThat(atAnEnd || interval.contains(mean) == kept).as("mean %s", mean).isTrue();
      }
    }
  }

  @Test
  void intervalContainsTheSampleMeanAndStaysInRange() {
    SplittableRandom random = new SplittableRandom(5);
    for (int run = 0; run < 100; run++) {
      double[] values = random.doubles(1 + run, -1, 1).toArray();
      Interval interval = ConfidenceSequence.of(values, 0.05);

      assertThat(interval.contains(Arrays.stream(values).average().orElseThrow())).isTrue();
      assertThat(interval.low()).isGreaterThanOrEqualTo(-1);
      assertThat(interval.high()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void oneValueGivesAVeryWideInterval() {
    assertThat(ConfidenceSequence.of(new double[] {0}, 0.05).width()).isGreaterThan(1.5);
    assertThat(ConfidenceSequence.of(new double[] {1}, 0.05).high()).isEqualTo(1, within(1e-6));
    assertThat(ConfidenceSequence.of(new double[] {-1}, 0.05).low()).isEqualTo(-1, within(1e-6));
  }

  @Test
  void negatedValuesHaveTheNegatedInterval() {
    double[] values = new SplittableRandom(6).doubles(70, -0.2, 1).toArray();
    Interval interval = ConfidenceSequence.of(values, 0.05);
    Interval negated = ConfidenceSequence.of(negated(values), 0.05);

    assertThat(negated.low()).isCloseTo(-interval.high(), within(1e-8));
    assertThat(negated.high()).isCloseTo(-interval.low(), within(1e-8));
  }

  @Test
  void orderOfValuesDoesNotMatter() {
    double[] values = new SplittableRandom(7).doubles(40, -1, 1).toArray();

    assertThat(ConfidenceSequence.of(negated(negated(values)), 0.05))
        .isEqualTo(ConfidenceSequence.of(values, 0.05));
    double[] reversed = values.clone();
    Arrays.sort(reversed);
    assertThat(ConfidenceSequence.of(reversed, 0.05))
        .isEqualTo(ConfidenceSequence.of(values, 0.05));
  }

  @Test
  void moreConfidenceAndFewerValuesWidenTheInterval() {
    double[] values = new SplittableRandom(8).doubles(100, -0.5, 0.5).toArray();
    double width = ConfidenceSequence.of(values, 0.05).width();

    assertThat(ConfidenceSequence.of(values, 0.01).width()).isGreaterThan(width);
    assertThat(ConfidenceSequence.of(new double[100], 0.05).width())
        .isLessThan(ConfidenceSequence.of(new double[50], 0.05).width());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1.01, 2, Double.NaN})
  void valuesOutOfRangeAreRefused(double value) {
    assertThatThrownBy(() -> ConfidenceSequence.of(new double[] {0, value}, 0.05))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("values");
  }

  @Test
  void noValuesAndAlphaOutOfRangeAreRejected() {
    assertThatThrownBy(() -> ConfidenceSequence.of(new double[0], 0.05))
        .hasMessageContaining("values: empty");
    assertThatThrownBy(() -> ConfidenceSequence.of(new double[] {0}, 0))
        .hasMessageContaining("alpha is 0.0");
  }

  private static double log(double[] values, double bound) {
    BettingCapital capital = new BettingCapital(bound, -1);
    for (double value : values) {
      capital.add(value, 1);
    }
    return capital.log();
  }

  private static double[] negated(double[] values) {
    double[] negated = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      negated[i] = -values[values.length - 1 - i];
    }
    return negated;
  }
}
