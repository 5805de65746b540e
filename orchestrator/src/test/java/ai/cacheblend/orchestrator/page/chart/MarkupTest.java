package ai.cacheblend.orchestrator.page.chart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MarkupTest {
  @Test
  void controlCharactersBecomeVisible() {
    assertThat(Markup.clean("a\u0000b\u001b[2Jc\u007fd\u009be\rf"))
        .isEqualTo("a\u2400b\u241b[2Jc\u2421d\ufffde\u240df");
  }

  @Test
  void bidirectionalControlsAreReplaced() {
    assertThat(Markup.clean("a\u202eb\u2066c\u200fd")).isEqualTo("a\ufffdb\ufffdc\ufffdd");
  }

  @Test
  void loneSurrogatesAndNonCharactersAreReplaced() {
    assertThat(Markup.clean("a\ud800b\uffffc")).isEqualTo("a\ufffdb\ufffdc");
  }

  @Test
  void otherTextIsUnchanged() {
    String text = "line\n\ttab, \u4e2d\u6587 \ud83d\ude00 é";

    assertThat(Markup.clean(text)).isEqualTo(text);
  }
}
