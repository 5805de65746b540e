package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentilesTest {

  @ParameterizedTest
  @CsvSource({
    "0.5, 5",
    "0.75, 11",
    "0.9, 29",
    "0.95, 59",
    "0.99, 299",
    "0.999, 2995",
    "0.1, 29",
    "0.05, 59"
  })
  void givesAValueFromTheFirstCountThatSupportsABound(double fraction, int count) {
    assertThat(Percentiles.minimumCount(fraction)).isEqualTo(count);
    assertThat(oneTo(count - 1).at(fraction)).isEmpty();
    assertThat(oneTo(count).at(fraction)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "100, 0.5, 50", "100, 0.9, 90", "100, 0.95, 95", "100, 0.55, 55", "59, 0.95, 57",
        "60, 0.95, 57",
    "61, 0.95, 58", "29, 0.9, 27", "5, 0.5, 3", "6, 0.5, 3", "300, 0.99, 297", "100, 0.05, 5"
  })
  void isTheNearestRank(int count, double fraction, double expected) {
    assertThat(oneTo(count).at(fraction)).hasValue(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void growWithTheFractionAndStayAmongTheValues(long seed) {
    double[] values = new Random(seed).doubles(3000, -1, 1).toArray();
    Percentiles percentiles = Percentiles.of(values);
    double before = Double.NEGATIVE_INFINITY;

    for (int thousandths = 1; thousandths < 1000; thousandths++) {
      OptionalDouble value = percentiles.at(thousandths / 1000.0);
      assertThat(value).as("seed %d, %d/1000", seed, thousandths).isPresent();
      assertThat(value.getAsDouble())
          .as("seed %d, %d/1000", seed, thousandths)
          .isGreaterThanOrEqualTo(before);
      before = value.getAsDouble();
    }
    assertThat(values).contains(before);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.5, 95, Double.NaN})
  void fractionsOutsideZeroToOneAreRefused(double fraction) {
    assertThatThrownBy(() -> oneTo(10).at(fraction))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "fraction: " + fraction + "; use a value between 0 and 1, for example 0.95 for p95");
  }

  @Test
  void refusesBadValues() {
    assertThatThrownBy(Percentiles::of).hasMessage("values: empty; use at least one value");
    assertThatThrownBy(() -> Percentiles.of(Double.NaN)).hasMessageStartingWith("values[0]: NaN");
  }

  private static Percentiles oneTo(int count) {
    return Percentiles.of(
        IntStream.rangeClosed(1, count).mapToDouble(i -> count + 1 - i).toArray());
  }
}
