package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.TDistribution;
import org.junit.jupiter.api.Test;

final class BettingRatioTest {
  private static final double[] SHARES = {
    0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 0.999
  };

  /** Products of factors instead of sums of logarithms, on a grid instead of by bisection. */
  @Test
  void theIntervalHasExactlyTheRatiosThatNoSideRejects() {
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 20; run++) {
      int n = 20 + 5 * run;
      double[] y = random.doubles(n).map(v -> v < 0.3 ? 0 : Math.min(1, 0.3 + v)).toArray();
      double[] x = Arrays.stream(y).map(v -> random.nextDouble() < 0.2 ? 0 : v).toArray();
      BettingRatio interval = of(x, y);

      for (double r = 0.01; r < 2; r += 0.01) {
        boolean kept = capital(x, y, r, true) < 40 && capital(x, y, r, false) < 40;
        boolean atAnEnd =
            Math.abs(r - interval.low()) < 1e-6 || Math.abs(r - interval.high()) < 1e-6;
        assertThat(atAnEnd || kept == (interval.low() <= r && r <= interval.high()))
            .as("ratio %s of %s", r, interval)
            .isTrue();
      }
    }
  }

  private static double capital(double[] x, double[] y, double r, boolean above) {
    double sum = 0;
    for (double share : SHARES) {
      double capital = 1;
      for (int i = 0; i < x.length; i++) {
        capital *= 1 + share * (above ? x[i] / r - y[i] : r * y[i] - x[i]);
      }
      sum += capital;
    }
    return sum / SHARES.length;
  }

  /** Truth: the baseline is right with probability 0.8, the arm where it is, except on a tenth. */
  @Test
  void itCoversTheTrueRatioAtLeastAsOftenAsItShouldWhereFiellersDoesNot() {
    SplittableRandom random = new SplittableRandom(2);
    int runs = 1000;
    int covered = 0;
    int coveredByFieller = 0;
    double truth = 0.99;
    for (int run = 0; run < runs; run++) {
      double[] y = random.doubles(60).map(v -> v < 0.8 ? 1 : 0).toArray();
      double[] x = Arrays.stream(y).map(v -> random.nextDouble() < 0.01 ? 0 : v).toArray();
      BettingRatio interval = of(x, y);
      covered += interval.low() <= truth && truth <= interval.high() ? 1 : 0;
      double[] ends = fieller(x, y);
      coveredByFieller += ends[0] <= truth && truth <= ends[1] ? 1 : 0;
    }

    assertThat(covered).isGreaterThanOrEqualTo(950);
    // Where no sample is lost, the t interval has no width: 0.99^48, the share of such runs, is
    // 0.6.
    assertThat(coveredByFieller).isLessThan(600);
  }

  /** Many normal-like values: Fieller's closed form is a reference of position and width. */
  @Test
  void withManyValuesItContainsFiellersIntervalAndIsAtMostTwiceAsWide() {
    SplittableRandom random = new SplittableRandom(3);
    double[] y = random.doubles(2000).map(v -> 0.5 + 0.3 * (v - 0.5)).toArray();
    double[] x = Arrays.stream(y).map(v -> 0.8 * v + 0.2 * (random.nextDouble() - 0.5)).toArray();
    BettingRatio interval = of(x, y);
    double[] ends = fieller(x, y);

    assertThat(interval.low()).isLessThan(ends[0]);
    assertThat(interval.high()).isGreaterThan(ends[1]);
    assertThat(interval.high() - interval.low()).isLessThan(2 * (ends[1] - ends[0]));
  }

  /** E. C. Fieller 1954: the roots of (mx − r my)² = t² (sxx − 2 r sxy + r² syy) / n. */
  private static double[] fieller(double[] x, double[] y) {
    int n = x.length;
    double mx = Arrays.stream(x).average().orElseThrow();
    double my = Arrays.stream(y).average().orElseThrow();
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < n; i++) {
      xx += (x[i] - mx) * (x[i] - mx);
      xy += (x[i] - mx) * (y[i] - my);
      yy += (y[i] - my) * (y[i] - my);
    }
    double t = TDistribution.of(n - 1.0).inverseCumulativeProbability(0.975);
    double f = t * t / n / (n - 1);
    double a = my * my - f * yy;
    double b = -2 * (mx * my - f * xy);
    double c = mx * mx - f * xx;
    double root = Math.sqrt(Math.max(0, b * b - 4 * a * c));
    return new double[] {(-b - root) / (2 * a), (-b + root) / (2 * a)};
  }

  @Test
  void equalScoresHaveRatioOneInsideAnInterval() {
    double[] scores = new SplittableRandom(4).doubles(100).toArray();
    BettingRatio interval = of(scores, scores);

    assertThat(interval.ratio()).isEqualTo(1, within(1e-12));
    assertThat(interval.low()).isLessThan(0.97).isGreaterThan(0.8);
    assertThat(interval.high()).isGreaterThan(1.03);
  }

  @Test
  void scoresOfZeroHaveNoRatioAndTwoSamplesAWideInterval() {
    assertThat(BettingRatio.of(new double[] {1, 0}, new double[] {0, 0}, 0.05)).isEmpty();
    assertThat(of(new double[] {1, 1}, new double[] {1, 1}).high()).isGreaterThan(5);
    assertThat(of(new double[] {0, 0}, new double[] {1, 1}).low()).isZero();
  }

  @Test
  void rejectsOtherValues() {
    assertThatThrownBy(() -> of(new double[] {1.5}, new double[] {1}))
        .hasMessageContaining("numerators is 1.5");
    assertThatThrownBy(() -> of(new double[] {1}, new double[] {1, 1}))
        .hasMessageContaining("1 and 2 values");
  }

  private static BettingRatio of(double[] x, double[] y) {
    Optional<BettingRatio> ratio = BettingRatio.of(x, y, 0.05);
    return ratio.orElseThrow();
  }
}
