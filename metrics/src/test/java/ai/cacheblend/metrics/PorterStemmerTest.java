package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PorterStemmerTest {

  @ParameterizedTest
  @CsvSource({
    "using, use", "used, use", "uses, use", "useful, use",
    "keys, key", "news, news", "always, alway", "they, they",
    "died, die", "dies, die", "dying, die", "spied, spi",
    "flies, fli", "skies, sky", "biology, biolog", "additionally, addit",
    "generously, gener", "oed, o", "innings, inning", "fully, fulli",
    "play, play", "money, money", "delay, delay", "by, by",
    "hopping, hop", "filing, file", "falling, fall", "hissing, hiss",
    "agreed, agre", "feed, feed", "controll, control", "roll, roll"
  })
  void stems(String word, String stem) {
    assertThat(PorterStemmer.stem(word)).isEqualTo(stem);
  }

  @Test
  void equalsNltkOnTwentyThousandWords() {
    List<String[]> rows = Golden.rows("porter_golden.tsv.gz");
    List<String> wrong = new ArrayList<>();
    for (String[] row : rows) {
      String stem = PorterStemmer.stem(row[0]);
      if (!stem.equals(row[1])) {
        wrong.add(row[0] + ": " + stem + " instead of " + row[1]);
      }
    }
    assertThat(rows).hasSizeGreaterThan(20_000);
    assertThat(wrong).isEmpty();
  }
}
