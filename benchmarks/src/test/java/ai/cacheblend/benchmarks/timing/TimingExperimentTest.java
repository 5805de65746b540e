package ai.cacheblend.benchmarks.timing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Verifies that the experiment measures every call, in causal order. Does not compare durations.
 */
final class TimingExperimentTest {

  @Test
  void allCallsOfAllStreamsAreMeasured() throws Exception {
    TimingExperiment.Errors errors = TimingExperiment.measure(2, 3, 4);

    assertThat(errors.ofScript().asList()).hasSize(8);
    assertThat(errors.ofDifference().asList()).hasSize(8);
    // Both ends read one clock: no message arrives before it is sent.
    assertThat(errors.there().asList()).hasSize(8).allSatisfy(ms -> assertThat(ms).isNotNegative());
    assertThat(errors.back().asList()).hasSize(8).allSatisfy(ms -> assertThat(ms).isNotNegative());
    // The mock never answers before its scripted delay has passed.
    assertThat(errors.ofScript().asList()).allSatisfy(ms -> assertThat(ms).isNotNegative());
  }
}
