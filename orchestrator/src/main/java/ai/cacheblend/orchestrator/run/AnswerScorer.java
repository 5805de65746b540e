package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.QualityMetric;
import ai.cacheblend.metrics.RougeL;
import ai.cacheblend.metrics.SetF1;
import ai.cacheblend.metrics.TokenF1;
import ai.cacheblend.metrics.WordF1;
import ai.cacheblend.orchestrator.plan.MetricKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Scores answers by every metric of a task; the first is the headline metric. */
final class AnswerScorer {
  private final List<QualityMetric> metrics;
  private final boolean firstLineOnly;

  private AnswerScorer(List<QualityMetric> metrics, boolean firstLineOnly) {
    this.metrics = metrics;
    this.firstLineOnly = firstLineOnly;
  }

  static AnswerScorer of(
      MetricKind kind,
      boolean firstLineOnly,
      Function<String, int[]> tokenizer,
      boolean tokenizerAddsBos) {
    return new AnswerScorer(
        switch (kind) {
          case WORD_F1 ->
              List.of(new WordF1(), new SetF1(), new TokenF1(tokenizer, tokenizerAddsBos));
          case ROUGE_L -> List.of(RougeL.stemmed(), RougeL.plain());
        },
        firstLineOnly);
  }

  /** Identifier of the headline metric of {@code kind}. */
  static String headline(MetricKind kind) {
    return switch (kind) {
      case WORD_F1 -> new WordF1().id();
      case ROUGE_L -> RougeL.stemmed().id();
    };
  }

  /** The part of an answer that is scored. */
  String scoredText(String answer) {
    if (!firstLineOnly) {
      return answer;
    }
    return answer.replaceFirst("^\\n+", "").lines().findFirst().orElse("");
  }

  /** Scores by metric, the headline first. */
  Map<String, Double> score(String scoredText, List<String> references) {
    Map<String, Double> scores = new LinkedHashMap<>();
    metrics.forEach(metric -> scores.put(metric.id(), metric.score(scoredText, references)));
    return scores;
  }
}
