package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.MetricKind;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AnswerScorerTest {

  @Test
  void firstLineOnlyScoresTheFirstLine() {
    assertThat(scorer(MetricKind.ROUGE_L, true).scoredText("\n\nfirst line\nsecond"))
        .isEqualTo("first line");
    assertThat(scorer(MetricKind.ROUGE_L, true).scoredText("\n")).isEmpty();
    assertThat(scorer(MetricKind.ROUGE_L, false).scoredText("a\nb")).isEqualTo("a\nb");
  }

  @Test
  void headlineMetricComesFirst() {
    for (MetricKind kind : MetricKind.values()) {
      assertThat(scorer(kind, false).score("red", List.of("red", "blue")).entrySet().iterator())
          .toIterable()
          .first()
          .satisfies(
              score -> {
                assertThat(score.getKey()).isEqualTo(AnswerScorer.headline(kind));
                assertThat(score.getValue()).isEqualTo(1.0);
              });
    }
  }

  private static AnswerScorer scorer(MetricKind kind, boolean firstLineOnly) {
    return AnswerScorer.of(kind, firstLineOnly, text -> text.chars().toArray(), false);
  }
}
