package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** References by scipy 1.17.1: {@code src/test/python/statistics_golden.py}. */
final class OutliersTest {

  @Test
  void valuesFarFromTheMedianAreFound() {
    // 17.5 and -4.9 scaled median absolute deviations from the median; of eight, 7.96 may be.
    assertThat(Outliers.indices(10.1, 10.3, 9.9, 10.0, 10.2, 14.0, 10.1, 9.0)).containsExactly(5);
    // The same twice over: -4.9 is within 5.60, too.
    assertThat(
            Outliers.indices(
                10.1, 10.3, 9.9, 10.0, 10.2, 14.0, 10.1, 9.0, 10.1, 10.3, 9.9, 10.0, 10.2, 14.0,
                10.1, 9.0))
        .containsExactly(5, 13);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 10, 15, 20, 21, 40, 100})
  void oneInAHundredSamplesOfNormalValuesHasAnOutlier(int count) {
    Random random = new Random(20261122 + count);
    int samples = 40_000;
    int flagged = 0;
    for (int i = 0; i < samples; i++) {
      double[] values = DoubleStream.generate(random::nextGaussian).limit(count).toArray();
      flagged += Outliers.indices(values).isEmpty() ? 0 : 1;
    }
    // Four standard errors of such a share.
    assertThat(flagged / (double) samples).isCloseTo(0.01, within(0.002));
  }

  @Test
  void fewerThanFiveValuesHaveNoOutlier() {
    assertThat(Outliers.indices(1, 1, 1, 100)).isEmpty();
  }

  @Test
  void ifMostValuesAreEqualTheMeanDeviationIsUsed() {
    assertThat(Outliers.indices(1, 1, 1, 1, 1)).isEmpty();
    // Mean deviation 9/12; scaled 0.94; the last is 9/0.94 = 9.6 of them away, and 6.29 may be.
    assertThat(Outliers.indices(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10)).containsExactly(11);
  }
}
