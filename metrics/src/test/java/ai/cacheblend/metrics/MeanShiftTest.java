package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** References by scipy 1.17.1: {@code src/test/python/statistics_golden.py}. */
final class MeanShiftTest {
  private static final double[] FIRST = {1.10, 1.05, 1.21, 0.98, 1.30};
  private static final double[] SECOND = {0.81, 0.92, 0.88, 0.79};

  @Test
  void itIsWelchsTest() {
    MeanShift shift = MeanShift.of(FIRST, SECOND);

    assertThat(shift.difference()).isCloseTo(0.278, within(1e-12));
    assertThat(shift.p()).isCloseTo(0.005180691170259811, within(1e-12));
    assertThat(MeanShift.of(SECOND, FIRST).p()).isEqualTo(shift.p());
  }

  @Test
  void oneValueTellsNothing() {
    assertThat(MeanShift.of(new double[] {1}, SECOND).p()).isOne();
  }

  @Test
  void withoutSpreadAnyDifferenceIsOne() {
    assertThat(MeanShift.of(new double[] {1, 1}, new double[] {1, 1}).p()).isOne();
    assertThat(MeanShift.of(new double[] {1, 1}, new double[] {2, 2}).p()).isZero();
  }
}
