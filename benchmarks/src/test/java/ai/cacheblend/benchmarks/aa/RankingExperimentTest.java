package ai.cacheblend.benchmarks.aa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A small version of {@code benchmarks/aa/run ranking}; fixed seeds make it deterministic. */
final class RankingExperimentTest {
  private static final int RUNS = 60;

  @ParameterizedTest
  @EnumSource
  void equalSelectorsAreResolvedInAtMostFivePercentOfTheRuns(ScoreDistribution scores) {
    assertThat(RankingExperiment.of(scores, 0, 100, RUNS, 7).wrongShare())
        .isLessThanOrEqualTo(0.05);
  }
}
