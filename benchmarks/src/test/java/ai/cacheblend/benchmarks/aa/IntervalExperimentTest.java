package ai.cacheblend.benchmarks.aa;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A small version of {@code benchmarks/aa/run quality}; fixed seeds make it deterministic. */
final class IntervalExperimentTest {

  @ParameterizedTest
  @EnumSource
  void intervalCoversTheTrueDifference(ScoreDistribution scores) {
    for (double loss : IntervalExperiment.LOSSES) {
      for (int n : new int[] {10, 30, 100}) {
        assertThat(IntervalExperiment.of(scores, loss, n, 100, 7).coverage())
            .as("loss %s, n %d", loss, n)
            .isGreaterThanOrEqualTo(0.93);
      }
    }
  }

  /** The distributions have the loss that they are named by. */
  @ParameterizedTest
  @EnumSource
  void meanDifferenceEqualsTheLoss(ScoreDistribution scores) {
    for (double loss : IntervalExperiment.LOSSES) {
      UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(3L);
      int draws = 200_000;
      double sum = 0;
      boolean inRange = true;
      for (int i = 0; i < draws; i++) {
        ScoreDistribution.Pair pair = scores.draw(random, loss);
        inRange &= pair.full() >= 0 && pair.full() <= 1 && pair.arm() >= 0 && pair.arm() <= 1;
        sum += pair.difference();
      }
      assertThat(inRange).isTrue();
      // Three standard errors of a difference with standard deviation 0.45.
      assertThat(sum / draws).isBetween(-loss - 0.003, -loss + 0.003);
    }
  }
}
