package ai.cacheblend.orchestrator.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NumbersTest {
  @ParameterizedTest
  @CsvSource({
    "3.1, 3.10",
    "0.5, 0.500",
    "9.9999, 10.0",
    "99.96, 100",
    "123.4, 123",
    "4321.6, 4322",
    "0.001234, 0.00123",
    "-0.0805, -0.0805",
    "0, 0",
    "NaN, -"
  })
  void threeSignificantDigits(double value, String text) {
    assertThat(Numbers.significant(value)).isEqualTo(text);
  }

  @Test
  void unknownDeviationIsOmitted() {
    assertThat(Numbers.spread(12.34, Double.NaN)).isEqualTo("12.3");
    assertThat(Numbers.interval(3.1, Double.NaN, Double.NaN)).isEqualTo("3.10");
  }
}
