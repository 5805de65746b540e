package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random texts, Unicode above all, against Python; in each locale the same. */
class GoldenScoresTest {

  private static final Pattern ESCAPE = Pattern.compile("\\\\u([0-9a-f]{4})");

  private final Locale before = Locale.getDefault();

  @AfterEach
  void restoreLocale() {
    Locale.setDefault(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"en-US", "tr-TR", "lt-LT", "ar-EG"})
  void scoresEqualThoseOfPython(String locale) {
    Locale.setDefault(Locale.forLanguageTag(locale));
    List<QualityMetric> metrics =
        List.of(new WordF1(), new SetF1(), RougeL.plain(), RougeL.stemmed());
    List<String[]> rows = Golden.rows("score_golden.tsv");
    int strictlyBetween = 0;

    for (String[] row : rows) {
      String prediction = unescaped(row[0]);
      String reference = unescaped(row[1]);
      for (int i = 0; i < metrics.size(); i++) {
        double expected = Double.parseDouble(row[2 + i]);
        assertThat(metrics.get(i).score(prediction, reference))
            .as("%s of %s | %s", metrics.get(i).id(), row[0], row[1])
            .isCloseTo(expected, within(1e-12));
        strictlyBetween += expected > 0 && expected < 1 ? 1 : 0;
      }
    }
    assertThat(rows).hasSize(600);
    assertThat(strictlyBetween).isGreaterThan(600);
  }

  private static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            match -> {
              char c = (char) Integer.parseInt(match.group(1), 16);
              return Matcher.quoteReplacement(String.valueOf(c));
            });
  }
}
