package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricPropertiesTest {

  private static final List<String> WORDS =
      List.of(
          "cat", "dogs", "Running", "keys", "Paris.", "caf\u00e9", "the", "\u4e2d", "x9", "\u00bf");

  private final List<QualityMetric> metrics =
      List.of(
          new WordF1(),
          new SetF1(),
          RougeL.plain(),
          RougeL.stemmed(),
          new TokenF1(text -> text.codePoints().toArray(), false));

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void scoresAreSymmetricFractionsAndOneForTheSameText(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      String left = text(random);
      String right = text(random);
      for (QualityMetric metric : metrics) {
        String where = "seed " + seed + ", " + metric.id() + ": " + left + " | " + right;
        double score = metric.score(left, right);

        assertThat(score).as(where).isBetween(0.0, 1.0);
        assertThat(metric.score(right, left)).as(where).isCloseTo(score, within(1e-12));
        assertThat(metric.score("cat " + left, "cat " + left)).as(where).isEqualTo(1);
        assertThat(metric.score(left, List.of(right, left, right)))
            .as(where)
            .isEqualTo(Math.max(score, metric.score(left, left)));
      }
    }
  }

  private static String text(Random random) {
    return IntStream.range(0, random.nextInt(8))
        .mapToObj(i -> WORDS.get(random.nextInt(WORDS.size())))
        .collect(Collectors.joining(" "));
  }
}
