package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BettingPValueTest {
  @Test
  void equalScoresShowNothing() {
    assertThat(BettingPValue.twoSided(new double[500])).isEqualTo(1);
  }

  @Test
  void theSignDoesNotMatter() {
    double[] values = new SplittableRandom(1).doubles(80, -0.3, 0.6).toArray();
    double p = BettingPValue.twoSided(values);

    assertThat(p).isLessThan(0.05);
    assertThat(BettingPValue.twoSided(Arrays.stream(values).map(v -> -v).toArray()))
        .isEqualTo(p, within(1e-12));
  }

  /** Constant values c: the capital is the mean of (1 + s c)^n over the shares s. */
  @Test
  void constantValuesHaveTheProductOfTheirFactors() {
    double[] shares = {0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 0.999};
    double[] values = new double[30];
    Arrays.fill(values, 0.25);
    double capital =
        Arrays.stream(shares).map(s -> Math.pow(1 + s * 0.25, 30)).average().orElseThrow();

    assertThat(BettingPValue.twoSided(values)).isEqualTo(2 / capital, within(1e-9));
  }

  /** An asymmetric distribution with mean 0, on which a test of signs would reject. */
  @Test
  void aTrueHypothesisIsRejectedAtMostAsOftenAsAllowed() {
    SplittableRandom random = new SplittableRandom(2);
    int rejected = 0;
    for (int run = 0; run < 1000; run++) {
      double[] values = random.doubles(200).map(v -> v < 0.1 ? -0.9 : 0.1).toArray();
      rejected += BettingPValue.twoSided(values) <= 0.05 ? 1 : 0;
    }

    assertThat(rejected).isLessThanOrEqualTo(50);
  }

  @Test
  void rejectsValuesOutOfRange() {
    assertThatThrownBy(() -> BettingPValue.twoSided(new double[] {0, 1.1}))
        .hasMessageContaining("values is 1.1");
    assertThatThrownBy(() -> BettingPValue.twoSided(new double[0])).hasMessageContaining("empty");
  }
}
