package ai.cacheblend.orchestrator.page;

import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Summary of one arm in a report: speed-up, change of quality, and whether it is safe.
 *
 * @param speeds one per TTFT run
 * @param qualities one per data set
 */
record ArmOverview(String arm, List<Speed> speeds, List<Quality> qualities) {

  /** Combined quality verdict over all data sets of the report. */
  enum Safety {
    SAFE("safe", "✓"),
    NOT_SAFE("not safe", "✕"),
    CANNOT_TELL("cannot tell", "?");

    private final String text;
    private final String symbol;

    Safety(String text, String symbol) {
      this.text = text;
      this.symbol = symbol;
    }

    String text() {
      return text;
    }

    String symbol() {
      return symbol;
    }

    /** CSS class. */
    String styleClass() {
      return text.replace(' ', '-');
    }
  }

  /**
   * Time to first token with one prompt length.
   *
   * @param prompts description of the prompts
   * @param fullSeconds mean client TTFT of full prefill
   * @param armSeconds mean client TTFT of the arm
   * @param earlier speed-up in the earlier run
   */
  record Speed(
      String prompts,
      double fullSeconds,
      double armSeconds,
      SpeedUpStatistics speedUp,
      Optional<SpeedUpStatistics> earlier) {}

  /**
   * Scores on one data set.
   *
   * @param metric label of the headline metric
   * @param fullScore mean score of full prefill
   * @param armScore mean score of the arm
   * @param chargedBudget of the arm on this data; NaN in older records
   * @param identicalShare share of identical answers; empty if unknown
   * @param earlier difference in the earlier run
   */
  record Quality(
      String dataset,
      String metric,
      double fullScore,
      double armScore,
      double chargedBudget,
      ScoreDifference difference,
      Optional<Double> identicalShare,
      Optional<ScoreDifference> earlier) {

    Verdict.Outcome outcome() {
      return Verdict.Outcome.valueOf(difference.verdict().toUpperCase(Locale.ROOT));
    }
  }

  ArmOverview {
    speeds = List.copyOf(speeds);
    qualities = List.copyOf(qualities);
  }

  /** Not safe if one data set fails, safe if all pass. */
  Safety safety() {
    if (qualities.stream().anyMatch(q -> q.outcome() == Verdict.Outcome.FAIL)) {
      return Safety.NOT_SAFE;
    }
    boolean pass =
        !qualities.isEmpty()
            && qualities.stream().allMatch(q -> q.outcome() == Verdict.Outcome.PASS);
    return pass ? Safety.SAFE : Safety.CANNOT_TELL;
  }

  double speedUp() {
    return speeds.isEmpty() ? 0 : speeds.get(0).speedUp().geometricMean();
  }
}
