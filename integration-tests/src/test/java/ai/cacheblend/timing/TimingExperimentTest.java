package ai.cacheblend.timing;

import static ai.cacheblend.timing.TimingExperiment.median;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The experiment of {@code benchmarks/timing}, on a machine that may be busy. */
final class TimingExperimentTest {

  @Test
  void eightStreamsAtOnceAreTimed() throws Exception {
    TimingExperiment.Errors errors = TimingExperiment.measure(8, 1_000, 60);

    assertThat(median(errors.ofDifference())).isCloseTo(0, within(0.2));
    // Transport takes its time; how much, on a busy machine, is its own affair.
    assertThat(median(errors.ofMock())).isBetween(0.0, 5.0);
    // The mock keeps to its script, so that what is left is not its own.
    assertThat(median(errors.ofScript())).isCloseTo(median(errors.ofMock()), within(0.2));
  }
}
