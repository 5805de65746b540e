package ai.cacheblend.orchestrator.records;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Statistics of a quality run. Invalid samples are excluded.
 *
 * @param n valid samples
 * @param shortened valid samples whose prompts lack documents, because they were too long
 * @param supportingRecall mean share of the documents that the answer needs of which a chunk was
 *     retrieved; empty without retrieval, or if the data does not name these documents
 * @param arms by name, in the order of the plan; empty if no sample is valid
 * @param warnings reasons to doubt the statistics, one line each
 */
public record QualitySummary(
    int n,
    int invalid,
    int shortened,
    OptionalDouble supportingRecall,
    Map<String, Arm> arms,
    List<String> warnings) {

  /**
   * One arm.
   *
   * @param scores by metric, the headline metric first
   * @param chargedBudget mean over the samples of the counted work ({@code
   *     RowCounts.chargedBudget}); NaN in older records
   * @param comparison empty for full prefill, and in runs without full prefill
   */
  public record Arm(
      Map<String, Statistics> scores, double chargedBudget, Optional<Comparison> comparison) {
    public Arm {
      scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }

    public Optional<ScoreDifference> armMinusFullPrefill() {
      return comparison.map(Comparison::armMinusFullPrefill);
    }

    public Optional<Retention> retention() {
      return comparison.flatMap(Comparison::retention);
    }
  }

  /**
   * An arm compared with full prefill, sample by sample.
   *
   * @param armMinusFullPrefill of the headline metric
   * @param retention likewise; empty in older records
   * @param identicalShare share of answers with the same token ids as full prefill's
   * @param firstDivergence index of the first different token of the other answers; empty if there
   *     are none
   */
  public record Comparison(
      ScoreDifference armMinusFullPrefill,
      Optional<Retention> retention,
      double identicalShare,
      Optional<Statistics> firstDivergence) {}

  public QualitySummary {
    arms = Collections.unmodifiableMap(new LinkedHashMap<>(arms));
    warnings = List.copyOf(warnings);
  }
}
