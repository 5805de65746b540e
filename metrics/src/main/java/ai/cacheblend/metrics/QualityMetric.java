package ai.cacheblend.metrics;

import java.util.List;
import java.util.Objects;

/**
 * Score of one generated answer. Implementations are immutable and thread-safe, as far as the
 * functions that they are constructed with are.
 */
public interface QualityMetric {

  /** Direction of improvement. */
  enum Better {
    HIGHER,
    LOWER
  }

  /** Names the exact variant, for example {@code word_f1_longbench}; written into every result. */
  String id();

  /** Unit of a score, for tables: {@code fraction} is between 0 and 1. */
  String unit();

  /** Whether higher or lower scores are better. */
  Better better();

  /** The definition in one line, for reports. */
  String formula();

  /** The score of {@code prediction} against a single reference answer. */
  double score(String prediction, String reference);

  /**
   * The best score over all references. Samples may accept several spellings of one answer.
   *
   * @throws IllegalArgumentException if there is no reference
   */
  default double score(String prediction, List<String> references) {
    Objects.requireNonNull(prediction, "prediction");
    if (references.isEmpty()) {
      throw new IllegalArgumentException(
          "references: empty for metric " + id() + "; use at least one reference answer");
    }
    double best = score(prediction, references.get(0));
    for (String reference : references.subList(1, references.size())) {
      double next = score(prediction, reference);
      best = better() == Better.HIGHER ? Math.max(best, next) : Math.min(best, next);
    }
    return best;
  }
}
