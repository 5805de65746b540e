package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** References by scipy 1.17.1: {@code src/test/python/statistics_golden.py}. */
final class ResamplingTest {
  private static final double[] SKEWED = {
    0, 0, 0.5, 0, 0, 1, 0, 0.25, 0, 0, -0.5, 0, 1, 0, 0, 0.4, 0, 0, 0.1, 0, 0.75, 0, 0, 0.2
  };
  private static final double[] FEW = {0.3, -0.1, 0.25, 0.4, 0.05, 0.2, -0.02};

  @Test
  void theIntervalIsThatOfScipy() {
    Resampling skewed = Resampling.of(SKEWED, 1);
    Resampling few = Resampling.of(FEW, 1);

    // Ends of 9,999 resamples vary by about this much.
    assertThat(skewed.low95()).isCloseTo(0.0396, within(0.01));
    assertThat(skewed.high95()).isCloseTo(0.3188, within(0.01));
    assertThat(few.low95()).isCloseTo(0.0271, within(0.01));
    assertThat(few.high95()).isCloseTo(0.2714, within(0.01));
  }

  @Test
  void fewSignsAreAllTried() {
    assertThat(Resampling.of(FEW, 1).permutationP()).isEqualTo(0.09375);
    // 22 of the 512 assignments of the nine that are not 0.
    assertThat(Resampling.of(SKEWED, 1).permutationP()).isEqualTo(22.0 / 512);
  }

  @Test
  void manySignsAreSampled() {
    // Each value less 0.1, three times; counted exactly by the script.
    double[] many = new double[3 * FEW.length];
    Arrays.setAll(many, i -> FEW[i / 3] - 0.1);

    assertThat(Resampling.of(many, 5).permutationP()).isCloseTo(0.16261863708496094, within(0.012));
  }

  @Test
  void theSeedDecides() {
    assertThat(Resampling.of(SKEWED, 3)).isEqualTo(Resampling.of(SKEWED, 3));
    assertThat(Resampling.of(SKEWED, 3)).isNotEqualTo(Resampling.of(SKEWED, 4));
  }

  @Test
  void equalDifferencesHaveNoSpread() {
    Resampling same = Resampling.of(new double[] {0, 0, 0}, 1);

    assertThat(same).isEqualTo(new Resampling(0, 0, 1));
    assertThat(Resampling.of(new double[] {0.25}, 1)).isEqualTo(new Resampling(0.25, 0.25, 1));
  }

  @Test
  void theIntervalCoversTheMeanAsOftenAsItSays() {
    SplittableRandom random = new SplittableRandom(11);
    int covered = 0;
    for (int run = 0; run < 300; run++) {
      double[] draws = random.doubles(60).map(u -> u < 0.7 ? 0 : u - 0.7).toArray();
      Resampling resampling = Resampling.of(draws, run);
      // The mean of max(0, u - 0.7) is 0.3^2 / 2.
      covered += resampling.low95() <= 0.045 && 0.045 <= resampling.high95() ? 1 : 0;
    }
    // 95 % of 300 is 285; fewer than 273 would come once in a thousand.
    assertThat(covered).isBetween(273, 297);
  }

  @Test
  void nothingCannotBeResampled() {
    assertThatThrownBy(() -> Resampling.of(new double[0], 1)).hasMessageContaining("differences");
  }
}
