package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ShareCrossingTest {

  /** Expected counts of a logistic curve whose share is 0.1 at x = 2. */
  private static ShareCrossing.Point exact(double x, double slope) {
    double logit = Math.log(0.1 / 0.9) + slope * (x - 2);
    return new ShareCrossing.Point(x, 100_000 / (1 + Math.exp(-logit)), 100_000);
  }

  @Test
  void theRootOfALogisticCurveIsFound() {
    List<ShareCrossing.Point> points = new ArrayList<>();
    for (double x : new double[] {1.7, 1.9, 2.05, 2.3}) {
      points.add(exact(x, 2 * Math.pow(1.5, 4)));
    }

    assertThat(ShareCrossing.of(points, 0.1)).isCloseTo(2, within(1e-4));
  }

  @Test
  void theErrorShrinksWithTheCounts() {
    SplittableRandom random = new SplittableRandom(5);
    double worst = 0;
    for (int run = 0; run < 50; run++) {
      List<ShareCrossing.Point> points = new ArrayList<>();
      for (double x : new double[] {1.8, 1.9, 2, 2.1, 2.2}) {
        double share = 1 / (1 + 9 * Math.exp(-8 * (x - 2)));
        int hits = 0;
        for (int i = 0; i < 2_000; i++) {
          hits += random.nextDouble() < share ? 1 : 0;
        }
        points.add(new ShareCrossing.Point(x, hits, 2_000));
      }
      worst = Math.max(worst, Math.abs(ShareCrossing.of(points, 0.1) - 2));
    }
    assertThat(worst).isLessThan(0.04);
  }

  @Test
  void dataWithoutOverlapCrossInBetween() {
    double root =
        ShareCrossing.of(
            List.of(new ShareCrossing.Point(1, 0, 50), new ShareCrossing.Point(2, 50, 50)), 0.1);

    assertThat(root).isBetween(1.0, 2.0);
  }

  @Test
  void valuesThatAreNoCountsAreRefused() {
    assertThatThrownBy(() -> new ShareCrossing.Point(0, 3, 2)).hasMessageContaining("hits");
    assertThatThrownBy(() -> ShareCrossing.of(List.of(), 0.1)).hasMessageContaining("points");
  }
}
