package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.div;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DifferingWordTest {
  @Test
  void marksTheFirstDifferingWordInBothTexts() {
    DifferingWord word = DifferingWord.of("born in Boston, 1910", "born in Berlin");

    assertThat(first(word)).isEqualTo("<div>born in <mark>Boston,</mark> 1910</div>");
    assertThat(second(word)).isEqualTo("<div>born in <mark>Berlin</mark></div>");
  }

  @Test
  void marksTheEndOfAShorterAnswer() {
    DifferingWord word = DifferingWord.of("Paris", "Paris in France");

    assertThat(first(word)).isEqualTo("<div>Paris<mark>⏎ end of answer</mark></div>");
    assertThat(second(word)).isEqualTo("<div>Paris<mark> in</mark> France</div>");
  }

  @Test
  void emptyAnswersAndMarkupAreShownUnchanged() {
    DifferingWord word = DifferingWord.of("", "<b>&");

    assertThat(first(word)).isEqualTo("<div><mark>⏎ end of answer</mark></div>");
    assertThat(second(word)).isEqualTo("<div><mark>&lt;b&gt;&amp;</mark></div>");
  }

  @Test
  void longAnswersAreTruncatedAroundTheDifference() {
    String start = "word ".repeat(100);
    DifferingWord word = DifferingWord.of(start + "one " + start, start + "two " + start);

    assertThat(word.inSecond(40).render())
        .startsWith("… ")
        .contains("<mark>two</mark>")
        .endsWith(" …")
        .hasSizeLessThan(80);
  }

  private static String first(DifferingWord word) {
    return div(word.inFirst(100)).render();
  }

  private static String second(DifferingWord word) {
    return div(word.inSecond(100)).render();
  }
}
