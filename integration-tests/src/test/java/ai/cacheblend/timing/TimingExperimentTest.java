package ai.cacheblend.timing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The experiment of {@code benchmarks/timing}, on a machine that may be busy. */
final class TimingExperimentTest {

  @Test
  void eightStreamsAtOnceAreTimed() throws Exception {
    TimingExperiment.Errors errors = TimingExperiment.measure(8, 60);

    assertThat(errors.medianOfDifference()).isCloseTo(0, within(0.2));
    // A delay can only be exceeded; by how much, on a busy machine, is its own affair.
    assertThat(errors.medianOfScript()).isBetween(0.0, 5.0);
  }
}
