package ai.cacheblend.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.model.Logits;
import ai.cacheblend.worker.model.ModelFailureException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
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
  void lowTemperatureSharpensTheDistribution() {
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
  void sameSeedDrawsTheSameTokens() {
    assertThat(draws(new Sampling(1, 0.9, 42))).isEqualTo(draws(new Sampling(1, 0.9, 42)));
    assertThat(draws(new Sampling(1, 0.9, 42))).isNotEqualTo(draws(new Sampling(1, 0.9, 43)));
  }

  @Test
  void logProbabilitiesAreThoseBeforeTemperature() {
    double partition = LogPartition.of(LOGITS);

    assertThat(Math.exp(LOGITS.get(2) - partition)).isCloseTo(0.3, within(1e-7));
    assertThat(TopTokens.of(LOGITS, 2, partition))
        .satisfiesExactly(
            first -> assertThat(first.tokenId()).isEqualTo(3),
            second -> assertThat(second.tokenId()).isEqualTo(2));
  }

  @Test
  void largeLogitsDoNotOverflow() {
    Logits large = Logits.of(1000f, 999f, Float.NEGATIVE_INFINITY);

    assertThat(1000 - LogPartition.of(large)).isCloseTo(-Math.log(1 + Math.exp(-1)), within(1e-9));
    assertThat(new Sampler(new Sampling(1, 1, 0)).draw(large)).isBetween(0, 1);
  }

  @Test
  void tiesGoToTheLowerId() {
    assertThat(TopTokens.of(Logits.of(1, 5, 5, 0), 3, 0).stream().map(TokenValue::tokenId))
        .containsExactly(1, 2, 0);
  }

  @Test
  void nonFiniteLogitsAreAFailureOfTheModel() {
    assertThatExceptionOfType(ModelFailureException.class)
        .isThrownBy(() -> LogPartition.of(Logits.of(1, Float.NaN)))
        .withMessageContaining("token 1 is NaN");
  }

  @Test
  void selectionsOfLargeVocabulariesMatchAFullSort() {
    Random random = new Random(5);
    for (int size : new int[] {1, 2, 3, 63, 64, 65, 1000}) {
      // Few distinct values, so that ties occur.
      float[] values = new float[size];
      for (int id = 0; id < size; id++) {
        values[id] = random.nextInt(20) / 4f;
      }
      List<Integer> sorted =
          IntStream.range(0, size)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(id -> -values[id]).thenComparing(id -> id))
              .toList();
      for (int count : new int[] {1, size / 2, size, size + 5}) {
        assertThat(TopTokens.of(Logits.of(values), count, 0).stream().map(TokenValue::tokenId))
            .containsExactlyElementsOf(sorted.subList(0, Math.min(count, size)));
      }
    }
  }

  @Test
  void topPDrawsFromTheFewestTokensOfALargeVocabulary() {
    float[] values = new float[5000];
    Arrays.fill(values, 0, 200, 1f);
    // 200 tokens of weight e and 4800 of weight 1: the first 100 hold 100 e of 200 e + 4800.
    double share = 100 * Math.E / (200 * Math.E + 4800);
    Sampler sampler = new Sampler(new Sampling(1, share - 1e-9, 3));

    assertThat(IntStream.range(0, 2000).map(i -> sampler.draw(Logits.of(values))).max())
        .satisfies(max -> assertThat(max.getAsInt()).isBetween(90, 99));
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
