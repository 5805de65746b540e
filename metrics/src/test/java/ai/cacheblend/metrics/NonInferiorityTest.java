package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NonInferiorityTest {

  @Test
  void theWholeIntervalDecides() {
    assertThat(NonInferiority.of(-0.01, 0.019, 0.02)).isEqualTo(NonInferiority.NON_INFERIOR);
    assertThat(NonInferiority.of(0.021, 0.1, 0.02)).isEqualTo(NonInferiority.INFERIOR);
    assertThat(NonInferiority.of(0.01, 0.03, 0.02)).isEqualTo(NonInferiority.UNDECIDED);
    assertThat(NonInferiority.of(0.02, 0.02, 0.02)).isEqualTo(NonInferiority.UNDECIDED);
    assertThat(NonInferiority.of(Double.NaN, Double.NaN, 0.02)).isEqualTo(NonInferiority.UNDECIDED);
  }

  @Test
  void itsNameIsThatOfRecords() {
    assertThat(NonInferiority.NON_INFERIOR).hasToString("non_inferior");
  }
}
