package ai.cacheblend.worker.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class NonNegativeFitTest {
  private static final Offset<Double> ROUNDING = within(1e-6);

  @Test
  void findsTheCoefficients() {
    double[][] features = {{1, 1, 1}, {2, 4, 1}, {4, 16, 1}, {8, 64, 1}, {3, 20, 1}};
    double[] targets = new double[features.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = 3 * features[i][0] + .5 * features[i][1] + 2;
    }

    assertThat(NonNegativeFit.solve(features, targets))
        .containsExactly(new double[] {3, .5, 2}, ROUNDING);
  }

  @Test
  void oneShapeIsExplainedByItsRows() {
    double[][] features = {{10, 100, 1}, {10, 100, 1}};

    assertThat(NonNegativeFit.solve(features, new double[] {5, 5}))
        .containsExactly(new double[] {.5, 0, 0}, ROUNDING);
  }

  /** The best fit has a negative constant. */
  @Test
  void noCoefficientIsNegative() {
    double[][] features = {{1, 0, 1}, {2, 0, 1}, {3, 0, 1}};

    double[] found = NonNegativeFit.solve(features, new double[] {1, 3, 5});

    assertThat(found[0]).isBetween(1., 5 / 3.);
    assertThat(found[2]).isZero();
  }
}
