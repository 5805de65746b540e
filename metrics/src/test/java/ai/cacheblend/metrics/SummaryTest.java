package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SummaryTest {

  @Test
  void summarisesInAnyOrder() {
    Summary summary = Summary.of(5, 9, 2, 4, 4, 7, 4, 5);

    assertThat(summary.n()).isEqualTo(8);
    assertThat(summary.mean()).isEqualTo(5);
    assertThat(summary.sampleStd()).isCloseTo(Math.sqrt(32.0 / 7), within(1e-12));
    assertThat(summary.min()).isEqualTo(2);
    assertThat(summary.median()).isEqualTo(4.5);
    assertThat(summary.max()).isEqualTo(9);
  }

  @Test
  void medianOfAnOddCountIsTheMiddleValue() {
    assertThat(Summary.of(30, 10, 11).median()).isEqualTo(11);
  }

  @Test
  void oneValueHasNoDeviation() {
    Summary summary = Summary.of(0.25);

    assertThat(summary.sampleStd()).isNaN();
    assertThat(summary.halfWidth95()).isNaN();
    assertThat(summary).isEqualTo(new Summary(1, 0.25, Double.NaN, 0.25, 0.25, 0.25));
  }

  @Test
  void equalValuesHaveExactlyTheirMeanAndNoSpread() {
    Summary summary = Summary.of(0.1, 0.1, 0.1, 0.1, 0.1, 0.1);

    assertThat(summary.mean()).isEqualTo(0.1);
    assertThat(summary.sampleStd()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"3, 2.484", "5, 1.242", "10, 0.7154", "20, 0.4680", "30, 0.3734"})
  void halfWidthInSampleStandardDeviations(int n, double expected) {
    double[] values = IntStream.range(0, n).mapToDouble(i -> i).toArray();
    Summary summary = Summary.of(values);

    assertThat(summary.halfWidth95() / summary.sampleStd()).isCloseTo(expected, within(5e-4));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void nanAndInfinityAreRefused(double bad) {
    assertThatThrownBy(() -> Summary.of(1, 2, bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("values[2]: " + bad + "; exclude failed trials");
  }

  @Test
  void refusesNoValues() {
    assertThatThrownBy(Summary::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("values: empty; use at least one value");
  }

  @Test
  void refusesContradictingParts() {
    assertThatThrownBy(() -> new Summary(0, 1, 0, 1, 1, 1)).hasMessageStartingWith("n: 0");
    assertThatThrownBy(() -> new Summary(2, 3, 0, 1, 1, 2)).hasMessageStartingWith("min, mean");
    assertThatThrownBy(() -> new Summary(2, 1, 0, 1, 3, 2)).hasMessageStartingWith("min, mean");
    assertThatThrownBy(() -> new Summary(1, 1, 0, 1, 1, 1)).hasMessageStartingWith("sampleStd: 0");
    assertThatThrownBy(() -> new Summary(2, 1, Double.NaN, 1, 1, 1))
        .hasMessageStartingWith("sampleStd: NaN");
  }

  @Test
  void doesNotModifyItsInput() {
    double[] values = {3, 1, 2};
    Summary unused = Summary.of(values);

    assertThat(unused.median()).isEqualTo(2);
    assertThat(values).containsExactly(3, 1, 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void isEquivariantUnderShiftAndScale(long seed) {
    Random random = new Random(seed);
    double[] values = random.doubles(1 + random.nextInt(40), -5, 5).toArray();
    double shift = random.nextDouble(1000);
    double factor = 0.1 + random.nextDouble();
    Summary plain = Summary.of(values);
    Summary moved = Summary.of(map(values, factor, shift));

    assertThat(moved.mean())
        .as("seed %d", seed)
        .isCloseTo(factor * plain.mean() + shift, within(1e-9));
    assertThat(moved.median())
        .as("seed %d", seed)
        .isCloseTo(factor * plain.median() + shift, within(1e-9));
    if (values.length > 1) {
      assertThat(moved.sampleStd())
          .as("seed %d", seed)
          .isCloseTo(factor * plain.sampleStd(), within(1e-9));
    }
  }

  private static double[] map(double[] values, double factor, double shift) {
    return Arrays.stream(values).map(value -> factor * value + shift).toArray();
  }
}
