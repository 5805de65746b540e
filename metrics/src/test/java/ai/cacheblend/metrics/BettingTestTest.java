package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BettingTestTest {

  @ParameterizedTest
  @MethodSource("goldenSequences")
  void capitalsAndDecisionsEqualTheGolden(BettingGolden golden) {
    BettingTest test = new BettingTest(golden.margin(), golden.alpha());
    String decision = "undecided";
    int samples = golden.differences().length();
    for (double difference : golden.differences().toArray()) {
      test.add(difference);
      if (decision.equals("undecided") && test.passedAfter().isPresent()) {
        decision = "pass";
        samples = test.passedAfter().getAsInt();
      }
      if (decision.equals("undecided") && test.failedAfter().isPresent()) {
        decision = "fail";
        samples = test.failedAfter().getAsInt();
      }
    }

    assertThat(decision).isEqualTo(golden.decision());
    assertThat(samples).isEqualTo(golden.samples());
    assertThat(test.logPassCapital()).isCloseTo(golden.logPassCapital(), within(1e-9));
    assertThat(test.logFailCapital()).isCloseTo(golden.logFailCapital(), within(1e-9));
  }

  static Stream<BettingGolden> goldenSequences() {
    return BettingGolden.all().stream();
  }

  @ParameterizedTest
  @CsvSource({"0.02, 195", "0.03, 129", "0.05, 77", "0.1, 38"})
  void equalScoresPassAfterAKnownNumberOfSamples(double margin, int samples) {
    BettingTest test = new BettingTest(margin, 0.05);
    for (int i = 0; i < samples; i++) {
      assertThat(test.passedAfter()).isEmpty();
      test.add(0);
    }

    assertThat(test.passedAfter()).hasValue(samples);
    assertThat(BettingTest.samplesToPass(margin, 0.05)).isEqualTo(samples);
  }

  @Test
  void tinyMarginsAreComputedWithoutALoop() {
    assertThat(BettingTest.samplesToPass(1e-9, 0.05)).isBetween(3_000_000_000L, 6_000_000_000L);
  }

  @Test
  void largerLossesLeaveLessPassCapitalAndMoreFailCapital() {
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 200; run++) {
      double[] differences = random.doubles(1 + run % 50, -1, 1).toArray();
      double[] lower = Arrays.stream(differences).map(d -> (d - 1) / 2).toArray();
      BettingTest higher = test(0.05, differences);
      BettingTest shifted = test(0.05, lower);

      assertThat(shifted.logPassCapital()).isLessThan(higher.logPassCapital());
      assertThat(shifted.logFailCapital()).isGreaterThan(higher.logFailCapital());
    }
  }

  @Test
  void largerMarginsLeaveMorePassCapital() {
    double[] differences = new SplittableRandom(2).doubles(60, -0.4, 0.4).toArray();
    double passBefore = Double.NEGATIVE_INFINITY;
    double failBefore = Double.POSITIVE_INFINITY;
    for (double margin : new double[] {0.01, 0.02, 0.05, 0.1, 0.3, 0.9}) {
      BettingTest test = test(margin, differences);
      assertThat(test.logPassCapital()).isGreaterThan(passBefore);
      assertThat(test.logFailCapital()).isLessThan(failBefore);
      passBefore = test.logPassCapital();
      failBefore = test.logFailCapital();
    }
  }

  @Test
  void orderOfSamplesDoesNotChangeTheCapital() {
    double[] differences = new SplittableRandom(3).doubles(80, -1, 1).toArray();
    double[] reversed = differences.clone();
    for (int i = 0; i < reversed.length; i++) {
      reversed[i] = differences[differences.length - 1 - i];
    }

    assertThat(test(0.02, reversed).logPassCapital())
        .isCloseTo(test(0.02, differences).logPassCapital(), within(1e-9));
    assertThat(test(0.02, reversed).logFailCapital())
        .isCloseTo(test(0.02, differences).logFailCapital(), within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 1})
  void capitalStaysAboveZeroAtTheLimitsOfTheRange(double difference) {
    BettingTest test = new BettingTest(0.02, 0.05);
    for (int i = 0; i < 100_000; i++) {
      test.add(difference);
    }

    assertThat(test.logPassCapital()).isFinite();
    assertThat(test.logFailCapital()).isFinite();
  }

  /** The definition of the test: expected capital of at most 1, for any distribution. */
  @Test
  void meanFactorIsOneIfTheLossEqualsTheMargin() {
    double margin = 0.25;
    // All two-point distributions of differences on a grid with mean -margin.
    for (double low = -1; low < -margin; low += 0.125) {
      for (double high = 0; high <= 1; high += 0.125) {
        double shareLow = (high + margin) / (high - low);
        double pass =
            shareLow * Math.exp(test(margin, low).logPassCapital())
                + (1 - shareLow) * Math.exp(test(margin, high).logPassCapital());
        double fail =
            shareLow * Math.exp(test(margin, low).logFailCapital())
                + (1 - shareLow) * Math.exp(test(margin, high).logFailCapital());
        assertThat(pass).isCloseTo(1, within(1e-12));
        assertThat(fail).isCloseTo(1, within(1e-12));
      }
    }
  }

  @Test
  void decisionIsFinal() {
    BettingTest test = new BettingTest(0.1, 0.05);
    for (int i = 0; i < 38; i++) {
      test.add(0);
    }
    OptionalInt passed = test.passedAfter();
    for (int i = 0; i < 38; i++) {
      test.add(-1);
    }

    assertThat(passed).hasValue(38);
    assertThat(test.passedAfter()).isEqualTo(passed);
    assertThat(test.logPassCapital()).isLessThan(test.logThreshold());
    assertThat(test.count()).isEqualTo(76);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1.0000001, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void differenceOutOfRangeIsRejectedWithoutSideEffects(double difference) {
    BettingTest test = new BettingTest(0.02, 0.05);

    assertThatThrownBy(() -> test.add(difference))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("difference is " + difference);
    assertThat(test.count()).isZero();
    assertThat(test.logPassCapital()).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, Double.NaN})
  void marginOrAlphaOutOfRangeIsRejected(double value) {
    assertThatThrownBy(() -> new BettingTest(value, 0.05)).hasMessageContaining("margin is");
    assertThatThrownBy(() -> new BettingTest(0.02, value)).hasMessageContaining("alpha is");
    assertThatThrownBy(() -> BettingTest.samplesToPass(value, 0.05))
        .hasMessageContaining("margin is");
  }

  private static BettingTest test(double margin, double... differences) {
    BettingTest test = new BettingTest(margin, 0.05);
    for (double difference : differences) {
      test.add(difference);
    }
    return test;
  }
}
