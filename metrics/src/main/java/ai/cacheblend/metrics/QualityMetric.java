package ai.cacheblend.metrics;

import java.util.List;
import java.util.Objects;

/**
 * How good one generated answer is. Implementations are immutable and hold no per-call state, so
 * one instance may serve several threads (a metric that calls a function given by its user is as
 * safe as that function).
 */
public interface QualityMetric {

  /** Which of two scores is the better one. */
  enum Better {
    HIGHER,
    LOWER
  }

  /** Names the exact variant, for example {@code word_f1_longbench}; written into every result. */
  String id();

  /** What a score counts, for tables: {@code fraction} is between 0 and 1. */
  String unit();

  /** The direction of improvement. */
  Better better();

  /** The definition in one line, for reports. */
  String formula();

  /** The score of {@code prediction} against a single reference answer. */
  double score(String prediction, String reference);

  /**
   * The best score over all references: a sample may accept several spellings of one answer.
   *
   * @throws IllegalArgumentException if there is no reference
   */
  default double score(String prediction, List<String> references) {
    Objects.requireNonNull(prediction, "prediction");
    if (references.isEmpty()) {
      throw new IllegalArgumentException(
          "references: empty for metric " + id() + "; give at least one reference answer");
    }
    double best = score(prediction, references.get(0));
    for (String reference : references.subList(1, references.size())) {
      double next = score(prediction, reference);
      best = better() == Better.HIGHER ? Math.max(best, next) : Math.min(best, next);
    }
    return best;
  }
}
