package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With characters as tokens, so that token counts can be read off the text. */
class TokenF1Test {

  private static final int BOS = 1;
  private final QualityMetric withBos = new TokenF1(TokenF1Test::charactersAfterBos, true);
  private final QualityMetric withoutBos = new TokenF1(TokenF1Test::characters, false);

  @ParameterizedTest
  @CsvSource({
    "abcd, abcd, 1",
    "The abcd!, abcd, 1",
    "ab, abcd, 0.6666666666666666",
    "xy, abcd, 0",
    "aab, abb, 0.6666666666666666",
    "Yes of course, yes, 1",
    "yesterday, yes, 1",
    "North America, no, 1",
    "none, No, 1",
    "' Yes', yes, 1",
    "' Yes sir', yes, 0.6",
    "' No way', no, 1",
    "'', '', 1",
    "the, a, 1",
    "'', abcd, 0",
    "abcd, '', 0",
    "' ', abcd, 0"
  })
  void scoresAsCacheBlendWithAndWithoutBos(String prediction, String reference, double expected) {
    assertThat(withBos.score(prediction, reference)).isCloseTo(expected, within(1e-12));
    assertThat(withoutBos.score(prediction, reference)).isCloseTo(expected, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({
    "'\n\nabcd\nmore', abcd",
    "'abcd', abcd",
    "'\r\nabcd', '\r'",
    "'Yes, it is\nNo', Yes",
    "' Yes, it is', ' Yes, it is'",
    "' no', No",
    "'\n \n', ' '",
    "'\n', ''"
  })
  void cutsThePredictionToOneLine(String prediction, String expected) {
    assertThat(TokenF1.firstLineAnswer(prediction)).isEqualTo(expected);
  }

  @Test
  void referenceIsNotCutToItsFirstLine() {
    assertThat(withBos.score("abcd", "abcd\nefgh")).isLessThan(1);
  }

  @Test
  void firstRealTokenCountsWithoutBos() {
    assertThat(withoutBos.score("xbc", "ybc")).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(withBos.score("xbc", "ybc")).isCloseTo(2.0 / 3, within(1e-12));
  }

  @Test
  void refusesAFlagThatContradictsTheTokenizer() {
    assertThatThrownBy(() -> new TokenF1(TokenF1Test::characters, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "prependsBos: true, but the tokenizer turns the empty text into []; pass false");
    assertThatThrownBy(() -> new TokenF1(TokenF1Test::charactersAfterBos, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "prependsBos: false, but the tokenizer turns the empty text into [1]; pass true");
  }

  @Test
  void refusesToDropATokenThatIsNotBos() {
    Function<String, int[]> unsteady =
        text -> text.isEmpty() ? new int[] {BOS} : text.chars().toArray();

    assertThatThrownBy(() -> new TokenF1(unsteady, true).score("abcd", "abcd"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("\"abcd\" starts with id 97, not with BOS 1");
  }

  private static int[] characters(String text) {
    return text.chars().toArray();
  }

  private static int[] charactersAfterBos(String text) {
    return IntStream.concat(IntStream.of(BOS), text.chars()).toArray();
  }
}
