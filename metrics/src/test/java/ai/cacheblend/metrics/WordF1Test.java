package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WordF1Test {

  private final QualityMetric metric = new WordF1();

  static Stream<Arguments> vectors() {
    return Stream.of(
        Arguments.of("The Eiffel Tower.", "Eiffel Tower", 1),
        Arguments.of("the the the", "the", 0),
        Arguments.of("Paris, France", "Paris", 2.0 / 3),
        Arguments.of("New York New York", "New York", 2.0 / 3),
        Arguments.of("U.S.A.", "USA", 1),
        Arguments.of("state-of-the-art", "state of the art", 0),
        Arguments.of("yes", "Yes.", 1),
        Arguments.of("12,000", "12000", 1),
        Arguments.of("John's book", "Johns book", 1),
        Arguments.of("a", "A", 0),
        Arguments.of("", "", 0),
        Arguments.of("under_score", "underscore", 1),
        Arguments.of("x\u00a0y", "x y", 1),
        Arguments.of("The\u2019s end", "s end", 0.5),
        Arguments.of("\u00c9a the cat", "\u00c9a cat", 1),
        Arguments.of("na\u00efve a caf\u00e9", "naive caf\u00e9", 0.5),
        Arguments.of("a\u0301 b", "b", 2.0 / 3));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void scoresAsLongBench(String prediction, String reference, double expected) {
    assertThat(metric.score(prediction, reference)).isCloseTo(expected, within(1e-6));
  }

  @Test
  void usesTheBestReference() {
    assertThat(metric.score("Paris, France", List.of("London", "Paris", "Paris France", "Rome")))
        .isEqualTo(1);
    assertThat(metric.score("Paris", List.of("London"))).isZero();
  }

  @Test
  void refusesToScoreAgainstNothing() {
    assertThatThrownBy(() -> metric.score("Paris", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("references: empty")
        .hasMessageContaining("word_f1_longbench");
  }

  @Test
  void describesItself() {
    List<QualityMetric> all =
        List.of(
            metric,
            new SetF1(),
            RougeL.stemmed(),
            RougeL.plain(),
            new TokenF1(text -> new int[0], false));

    assertThat(all)
        .extracting(QualityMetric::id)
        .containsExactly(
            "word_f1_longbench",
            "set_f1_document",
            "rouge_l_stemmed",
            "rouge_l_plain",
            "token_f1_cacheblend");
    assertThat(all).allMatch(each -> each.unit().equals("fraction"));
    assertThat(all).allMatch(each -> each.better() == QualityMetric.Better.HIGHER);
    assertThat(all).extracting(QualityMetric::formula).doesNotHaveDuplicates();
  }
}
