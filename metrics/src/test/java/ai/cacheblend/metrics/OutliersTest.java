package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** References by scipy 1.17.1: {@code src/test/python/statistics_golden.py}. */
final class OutliersTest {

  @Test
  void valuesFarFromTheMedianAreFound() {
    // Modified z-scores 0, 0.9, -0.9, -0.4, 0.4, 17.5, 0, -4.9.
    assertThat(Outliers.indices(10.1, 10.3, 9.9, 10.0, 10.2, 14.0, 10.1, 9.0))
        .containsExactly(5, 7);
  }

  @Test
  void fourValuesCannotTell() {
    assertThat(Outliers.indices(1, 1, 1, 100)).isEmpty();
  }

  @Test
  void whereMostAreEqualTheMeanDeviationScales() {
    assertThat(Outliers.indices(1, 1, 1, 1, 1)).isEmpty();
    // Mean deviation 9/9; scaled 1.25; the last is 9/1.25 = 7.2 of them away.
    assertThat(Outliers.indices(1, 1, 1, 1, 1, 1, 1, 1, 10)).containsExactly(8);
  }
}
