package ai.cacheblend.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.model.Logits;
import ai.cacheblend.worker.model.ModelFailureException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  /** Probabilities 0.1, 0.2, 0.3, 0.4. */
  private static final Logits LOGITS =
      Logits.of((float) Math.log(1), (float) Math.log(2), (float) Math.log(3), (float) Math.log(4));

  @Test
  void drawsFollowTheSoftmax() {
    assertThat(frequencies(new Sampling(1, 1, 7)))
        .satisfiesExactly(near(0.1), near(0.2), near(0.3), near(0.4));
  }

  @Test
  void temperatureSharpensIt() {
    // Squares: 1, 4, 9, 16 of 30.
    assertThat(frequencies(new Sampling(0.5, 1, 7)))
        .satisfiesExactly(near(1 / 30.0), near(4 / 30.0), near(9 / 30.0), near(16 / 30.0));
  }

  @Test
  void topPKeepsTheFewestTokensThatHoldIt() {
    assertThat(frequencies(new Sampling(1, 0.6, 7)))
        .satisfiesExactly(near(0), near(0), near(3 / 7.0), near(4 / 7.0));
    assertThat(frequencies(new Sampling(1, 1e-9, 7)))
        .satisfiesExactly(near(0), near(0), near(0), near(1));
  }

  @Test
  void theSameSeedDrawsTheSameTokens() {
    assertThat(draws(new Sampling(1, 0.9, 42))).isEqualTo(draws(new Sampling(1, 0.9, 42)));
    assertThat(draws(new Sampling(1, 0.9, 42))).isNotEqualTo(draws(new Sampling(1, 0.9, 43)));
  }

  @Test
  void logProbabilitiesAreThoseBeforeTemperature() {
    double partition = Sampler.logPartition(LOGITS);

    assertThat(Math.exp(LOGITS.get(2) - partition)).isCloseTo(0.3, within(1e-7));
    assertThat(Sampler.top(LOGITS, 2, partition))
        .satisfiesExactly(
            first -> assertThat(first.tokenId()).isEqualTo(3),
            second -> assertThat(second.tokenId()).isEqualTo(2));
  }

  @Test
  void largeLogitsDoNotOverflow() {
    Logits large = Logits.of(1000f, 999f, Float.NEGATIVE_INFINITY);

    assertThat(1000 - Sampler.logPartition(large))
        .isCloseTo(-Math.log(1 + Math.exp(-1)), within(1e-9));
    assertThat(new Sampler(new Sampling(1, 1, 0)).draw(large)).isBetween(0, 1);
  }

  @Test
  void tiesGoToTheLowerId() {
    assertThat(Sampler.top(Logits.of(1, 5, 5, 0), 3, 0).stream().map(TokenValue::tokenId))
        .containsExactly(1, 2, 0);
  }

  @Test
  void logitsThatAreNoNumbersAreAFailureOfTheModel() {
    assertThatExceptionOfType(ModelFailureException.class)
        .isThrownBy(() -> Sampler.logPartition(Logits.of(1, Float.NaN)))
        .withMessageContaining("token 1 is NaN");
  }

  private static Consumer<Double> near(double expected) {
    return value -> assertThat(value).isCloseTo(expected, within(0.012));
  }

  private static List<Integer> draws(Sampling sampling) {
    Sampler sampler = new Sampler(sampling);
    return IntStream.range(0, 50).map(i -> sampler.draw(LOGITS)).boxed().toList();
  }

  /** Of 20 000 draws: a standard deviation of at most 0.0035. */
  private static List<Double> frequencies(Sampling sampling) {
    Sampler sampler = new Sampler(sampling);
    double[] counts = new double[4];
    for (int i = 0; i < 20_000; i++) {
      counts[sampler.draw(LOGITS)]++;
    }
    return Arrays.stream(counts).map(count -> count / 20_000).boxed().toList();
  }
}
