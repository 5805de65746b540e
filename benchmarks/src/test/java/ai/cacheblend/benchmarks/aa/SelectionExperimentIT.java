package ai.cacheblend.benchmarks.aa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A small version of {@code benchmarks/aa/run selection}; fixed seeds make it deterministic. */
final class SelectionExperimentIT {
  private static final int RUNS = 20;

  @ParameterizedTest
  @EnumSource
  void anUnsafeArmIsChosenInAtMostFivePercentOfTheRuns(ScoreDistribution scores) {
    assertThat(
            SelectionExperiment.of(scores, SelectionExperiment.allUnsafe(), RUNS, 7).wrongShare())
        .isLessThanOrEqualTo(0.05);
  }
}
