package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** References by scipy 1.17.1: {@code ttest_ind(equal_var=False)} and {@code ttest_rel}. */
final class MeanDifferenceTest {
  private static final double[] FIRST = {1.10, 1.05, 1.21, 0.98, 1.30};
  private static final double[] SECOND = {0.81, 0.92, 0.88, 0.79};
  private static final double[] PARTNER = {1.02, 1.01, 1.15, 0.99, 1.17};

  @Test
  void independentValuesUseWelchsTest() {
    MeanDifference difference = MeanDifference.welch(FIRST, SECOND);

    assertThat(difference.difference()).isCloseTo(-0.278, within(1e-12));
    assertThat(difference.degreesOfFreedom()).isCloseTo(5.942310786604458, within(1e-9));
    assertThat(difference.pTwoSided()).isCloseTo(0.005180691170259811, within(1e-12));
    assertThat(difference.low95()).isCloseTo(-0.43639589900412434, within(1e-9));
    assertThat(difference.high95()).isCloseTo(-0.11960410099587546, within(1e-9));
  }

  @Test
  void pairsUseThePairedTest() {
    MeanDifference difference = MeanDifference.ofPairs(FIRST, PARTNER);

    assertThat(difference.difference()).isCloseTo(-0.06, within(1e-12));
    assertThat(difference.standardError()).isCloseTo(0.023021728866442697, within(1e-12));
    assertThat(difference.pTwoSided()).isCloseTo(0.05965568986213261, within(1e-12));
    assertThat(difference.low95()).isCloseTo(-0.12391856642442563, within(1e-9));
    assertThat(difference.high95()).isCloseTo(0.003918566424425521, within(1e-9));
  }

  @Test
  void limitsAreOneSided() {
    MeanDifference difference = MeanDifference.welch(FIRST, SECOND);

    assertThat(difference.pBelow(0)).isCloseTo(0.0025903455851299054, within(1e-12));
    assertThat(difference.pAbove(-0.2)).isCloseTo(0.8635048780536508, within(1e-12));
  }

  @Test
  void withoutSpreadAnyDifferenceIsSignificant() {
    MeanDifference none = MeanDifference.ofPairs(FIRST, FIRST);
    MeanDifference one = MeanDifference.welch(new double[] {1, 1}, new double[] {2, 2});

    assertThat(none.pTwoSided()).isOne();
    assertThat(none.low95()).isZero();
    assertThat(one.pTwoSided()).isZero();
    assertThat(one.pAbove(1)).isOne();
  }

  @Test
  void oneValueHasNoSpread() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeanDifference.welch(FIRST, new double[] {1}))
        .withMessageContaining("second: 1 values");
  }
}
