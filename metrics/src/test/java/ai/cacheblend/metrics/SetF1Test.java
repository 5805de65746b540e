package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetF1Test {

  @ParameterizedTest
  @CsvSource({
    "Paris, paris, 1",
    "Paris., Paris, 0",
    "the Eiffel Tower, Eiffel Tower, 0.8",
    "New York New York, New York, 1",
    "Larry ask Hannah, Hannah asked Larry, 0.6666666666666666",
    "'', Paris, 0",
    "Paris, '', 0",
    "'', '', 0"
  })
  void scoresSetsOfLowerCasedWords(String prediction, String reference, double expected) {
    assertThat(new SetF1().score(prediction, reference)).isCloseTo(expected, within(1e-12));
  }
}
