package ai.cacheblend.benchmarks.aa;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.metrics.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A small version of {@code benchmarks/aa/run gate}; fixed seeds make it deterministic. */
final class GateExperimentTest {
  private static final int RUNS = 100;
  private static final double MARGIN = 0.02;

  @ParameterizedTest
  @EnumSource
  void wrongVerdictsStayBelowFivePercent(ScoreDistribution scores) {
    for (double loss : GateExperiment.LOSSES) {
      GateExperiment.Outcome outcome = GateExperiment.of(scores, loss, MARGIN, 400, RUNS, 7);
      Verdict.Outcome wrong = loss > MARGIN ? Verdict.Outcome.PASS : Verdict.Outcome.FAIL;

      assertThat(outcome.share(wrong)).as("loss %s", loss).isLessThanOrEqualTo(0.05);
    }
  }

  @ParameterizedTest
  @EnumSource
  void noLossPassesAtAMarginThatTheSamplesCanJudge(ScoreDistribution scores) {
    GateExperiment.Outcome outcome = GateExperiment.of(scores, 0, 0.1, 400, RUNS, 7);

    assertThat(outcome.share(Verdict.Outcome.PASS)).isGreaterThan(0.5);
  }
}
