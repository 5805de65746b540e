package ai.cacheblend.orchestrator.page.chart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NumbersTest {
  @Test
  void formatsThreeSignificantDigits() {
    assertThat(Numbers.three(935.94)).isEqualTo("936");
    assertThat(Numbers.three(54.82)).isEqualTo("54.8");
    assertThat(Numbers.three(9.996)).isEqualTo("10.0");
    assertThat(Numbers.three(3)).isEqualTo("3.00");
    assertThat(Numbers.three(0.012345)).isEqualTo("0.0123");
    assertThat(Numbers.three(12345)).isEqualTo("12300");
    assertThat(Numbers.three(-0.5)).isEqualTo("−0.500");
    assertThat(Numbers.three(0)).isEqualTo("0");
    assertThat(Numbers.three(Double.NaN)).isEmpty();
  }

  @Test
  void durationsHaveASuitableUnit() {
    assertThat(Numbers.duration(0.000_812)).isEqualTo("812 µs");
    assertThat(Numbers.duration(0.0548)).isEqualTo("54.8 ms");
    assertThat(Numbers.duration(1.2345)).isEqualTo("1.23 s");
    assertThat(Numbers.duration(Double.NaN)).isEmpty();
  }

  @Test
  void differencesHaveASignUnlessTheyRoundToZero() {
    assertThat(Numbers.difference(-0.0804)).isEqualTo("−0.080");
    assertThat(Numbers.difference(0.013)).isEqualTo("+0.013");
    assertThat(Numbers.difference(-0.0001)).isEqualTo("0.000");
  }

  @Test
  void unknownIntervalIsEmpty() {
    assertThat(Numbers.interval(2.98, 3.41, Numbers::ratio)).isEqualTo("2.98x to 3.41x");
    assertThat(Numbers.interval(Double.NaN, Double.NaN, Numbers::ratio)).isEmpty();
  }
}
