package ai.cacheblend.benchmarks.aa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The TTFT experiment of {@code benchmarks/aa} with half the runs. */
final class TtftExperimentIT {
  private static final int RUN_COUNT = 200;

  @Test
  void identicalArmsAreResolvedInAtMostFivePercent() {
    TtftExperiment.Outcome outcome = TtftExperiment.of(1, 5, RUN_COUNT, 1);

    assertThat(outcome.resolvedCount()).isLessThanOrEqualTo(RUN_COUNT * 5 / 100);
    assertThat(outcome.warnedCount()).isLessThanOrEqualTo(RUN_COUNT / 100);
  }

  @Test
  void intervalCoversTheTrueSpeedUp() {
    TtftExperiment.Outcome outcome = TtftExperiment.of(1.3, 10, RUN_COUNT, 2);

    assertThat(outcome.coveringCount()).isGreaterThanOrEqualTo(RUN_COUNT * 93 / 100);
    assertThat(outcome.resolvedCount()).isGreaterThan(RUN_COUNT / 2);
  }

  @Test
  void slowdownIsResolved() {
    TtftExperiment.Outcome outcome = TtftExperiment.of(0.75, 10, 50, 3);

    assertThat(outcome.resolvedCount()).isGreaterThan(25);
  }
}
