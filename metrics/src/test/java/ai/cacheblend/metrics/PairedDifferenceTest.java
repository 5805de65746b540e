package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PairedDifferenceTest {

  /** Student's sleep data (1908): R prints 1.58, 95 % interval 0.7001142 to 2.4598858. */
  @Test
  void equalsThePublishedIntervalOfStudentsSleepData() {
    double[] first = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    double[] second = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

    PairedDifference difference = PairedDifference.of(second, first);

    assertThat(difference.n()).isEqualTo(10);
    assertThat(difference.mean()).isCloseTo(1.58, within(1e-12));
    assertThat(difference.sampleStd()).isCloseTo(1.229995, within(1e-6));
    assertThat(difference.low95()).isCloseTo(0.7001142, within(1e-7));
    assertThat(difference.high95()).isCloseTo(2.4598858, within(1e-7));
    assertThat(difference.isResolved()).isTrue();
  }

  @Test
  void swappingTheSidesNegatesTheDifference() {
    double[] left = {1, 2, 4, 8};
    double[] right = {3, 1, 4, 1};
    PairedDifference there = PairedDifference.of(left, right);
    PairedDifference back = PairedDifference.of(right, left);

    assertThat(there.mean()).isEqualTo(-back.mean()).isEqualTo(1.5);
    assertThat(there.halfWidth95()).isCloseTo(back.halfWidth95(), within(1e-12));
    assertThat(there.isResolved()).isFalse();
  }

  @Test
  void variationBetweenItemsCancels() {
    double[] baseline = {0, 100, 200, 300};
    double[] candidate = {1, 101, 201, 301};

    PairedDifference difference = PairedDifference.of(candidate, baseline);

    assertThat(difference.sampleStd()).isZero();
    assertThat(difference.isResolved()).isTrue();
  }

  @Test
  void onePairIsNotResolved() {
    PairedDifference difference = PairedDifference.of(new double[] {5}, new double[] {1});

    assertThat(difference.mean()).isEqualTo(4);
    assertThat(difference.halfWidth95()).isNaN();
    assertThat(difference.isResolved()).isFalse();
  }

  @Test
  void unequalLengthsAreRefused() {
    assertThatThrownBy(() -> PairedDifference.of(new double[] {1, 2}, new double[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("candidate and baseline: 2 and 1 values");
    assertThatThrownBy(() -> PairedDifference.of(new double[0], new double[0]))
        .hasMessageStartingWith("candidate: empty");
    assertThatThrownBy(() -> PairedDifference.of(new double[] {1}, new double[] {Double.NaN}))
        .hasMessageStartingWith("baseline[0]: NaN");
    assertThatThrownBy(() -> new PairedDifference(2, 1, -1, 1))
        .hasMessageStartingWith("sampleStd: -1.0");
    assertThatThrownBy(() -> new PairedDifference(2, 1, 1, Double.NaN))
        .hasMessageStartingWith("halfWidth95: NaN");
  }
}
