package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RougeLTest {

  /** Reference, prediction, F stemmed, F plain. */
  static Stream<Arguments> vectors() {
    return Stream.of(
        Arguments.of(
            "Hannah asks Amanda for Betty's number. Larry may have it.",
            "Amanda can't find Betty's number. Hannah should ask Larry.",
            .454545,
            .454545),
        Arguments.of(
            "They are playing with the keys always.",
            "they played with a key alway",
            .769231,
            .307692),
        Arguments.of(
            "Amanda baked cookies and will bring Jerry some tomorrow.",
            "Amanda baked cookies. She will bring some to Jerry tomorrow.",
            .736842,
            .736842),
        Arguments.of("he flies; she died", "he fly she die", .75, .5),
        Arguments.of("skies dying lying news", "sky die lie new", .75, 0),
        Arguments.of("the cat sat on the mat", "the cat the cat on the mat", .769231, .769231),
        Arguments.of("a b c", "A B C", 1, 1),
        Arguments.of("caf\u00e9", "cafe", 0, 0),
        Arguments.of("...", "hello", 0, 0),
        Arguments.of("p14 activate prb", "p14 activates prb", 1, .666667),
        Arguments.of("testing one two", "testing two", .8, .8),
        Arguments.of("testing one two", "testing one", .8, .8),
        Arguments.of("testing one two", "", 0, 0),
        Arguments.of("", "", 0, 0));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void scoresAsGoogleResearch(String reference, String prediction, double stemmed, double plain) {
    assertThat(RougeL.stemmed().score(prediction, reference)).isCloseTo(stemmed, within(1e-6));
    assertThat(RougeL.plain().score(prediction, reference)).isCloseTo(plain, within(1e-6));
  }

  @ParameterizedTest
  @CsvSource({"0, 0.51163, 0.51163", "1, 0.5, 0.52941"})
  void scoresAsRouge155(int line, double plain, double stemmed) {
    String reference = Golden.rows("rouge_target.txt").get(line)[0];
    String prediction = Golden.rows("rouge_prediction.txt").get(line)[0];

    assertThat(RougeL.plain().score(prediction, reference)).isCloseTo(plain, within(5e-6));
    assertThat(RougeL.stemmed().score(prediction, reference)).isCloseTo(stemmed, within(5e-6));
  }

  @Test
  void splitsAtEverythingButLettersAndDigitsAndStemsFromFourLetters() {
    assertThat(RougeL.stemmed().words("Caf\u00e9s: 1980s' keys_was using \u212aeys"))
        .containsExactly("caf", "s", "1980", "key", "was", "use", "key");
    assertThat(RougeL.plain().words("  ...  ")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1 2 3 4 5, 2 5 3 4, 3", "1 2, 8 9, 0", "a b c d, a b c d, 4", "a b a, b a b, 2"})
  void longestCommonSubsequence(String left, String right, int length) {
    List<String> leftWords = List.of(left.split(" "));
    List<String> rightWords = List.of(right.split(" "));

    assertThat(RougeL.lcsLength(leftWords, rightWords)).isEqualTo(length);
    assertThat(RougeL.lcsLength(rightWords, leftWords)).isEqualTo(length);
    assertThat(RougeL.lcsLength(leftWords, List.of())).isZero();
  }
}
