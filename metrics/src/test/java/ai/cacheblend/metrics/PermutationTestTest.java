package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** References by scipy 1.17.1: {@code src/test/python/statistics_golden.py}. */
final class PermutationTestTest {
  private static final double[] SKEWED = {
    0, 0, 0.5, 0, 0, 1, 0, 0.25, 0, 0, -0.5, 0, 1, 0, 0, 0.4, 0, 0, 0.1, 0, 0.75, 0, 0, 0.2
  };
  private static final double[] FEW = {0.3, -0.1, 0.25, 0.4, 0.05, 0.2, -0.02};

  @Test
  void fewDifferencesAreEnumerated() {
    assertThat(PermutationTest.pTwoSided(FEW, 1)).isEqualTo(0.09375);
    // 22 of the 512 assignments of the nine nonzero differences.
    assertThat(PermutationTest.pTwoSided(SKEWED, 1)).isEqualTo(22.0 / 512);
  }

  @Test
  void manyDifferencesAreSampled() {
    double[] many = many();

    assertThat(PermutationTest.pTwoSided(many, 5)).isCloseTo(0.16261863708496094, within(0.012));
    assertThat(PermutationTest.pTwoSided(many, 5)).isEqualTo(PermutationTest.pTwoSided(many, 5));
    assertThat(PermutationTest.pTwoSided(many, 5)).isNotEqualTo(PermutationTest.pTwoSided(many, 6));
  }

  /** No drawn assignment is as extreme as 40 equal signs; the observed one is. */
  @Test
  void pOfSampledAssignmentsIsNeverZero() {
    double[] equal = new double[40];
    Arrays.fill(equal, 0.5);

    assertThat(PermutationTest.pTwoSided(equal, 1)).isBetween(1e-6, 1e-3);
  }

  @Test
  void equalScoresHavePOne() {
    assertThat(PermutationTest.pTwoSided(new double[] {0, 0, 0}, 1)).isEqualTo(1);
    assertThat(PermutationTest.pTwoSided(new double[] {0.25}, 1)).isEqualTo(1);
  }

  @Test
  void noDifferenceIsRefused() {
    assertThatThrownBy(() -> PermutationTest.pTwoSided(new double[0], 1))
        .hasMessageContaining("differences: empty");
  }

  /** Each value of FEW minus 0.1, three times; the script enumerates the 2^21 assignments. */
  private static double[] many() {
    double[] many = new double[3 * FEW.length];
    Arrays.setAll(many, i -> FEW[i / 3] - 0.1);
    return many;
  }
}
