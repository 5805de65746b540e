package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.MetricNames;
import ai.cacheblend.orchestrator.records.Retention;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import java.util.Optional;

/** Describes each result in one sentence. */
final class Sentences {
  /** Explains the column "charged". */
  static final String CHARGED =
      "Charged: computed share of (cached rows x layers), rows of a probe included.\n";

  private Sentences() {}

  /** For example {@code first token 3.10x sooner (2.90 to 3.30)}. */
  static String speed(SpeedUpStatistics speedUp) {
    if (speedUp.n() == 1) {
      return "first token " + factor(speedUp.geometricMean()) + " (one trial, no interval)";
    }
    if (!speedUp.resolved()) {
      return "first token: no difference resolved (speed-up "
          + Numbers.significant(speedUp.low95())
          + " to "
          + Numbers.significant(speedUp.high95())
          + ")";
    }
    boolean faster = speedUp.geometricMean() >= 1;
    return "first token "
        + factor(speedUp.geometricMean())
        + " ("
        + Numbers.significant(faster ? speedUp.low95() : 1 / speedUp.high95())
        + " to "
        + Numbers.significant(faster ? speedUp.high95() : 1 / speedUp.low95())
        + ")";
  }

  private static String factor(double speedUp) {
    return speedUp >= 1
        ? Numbers.significant(speedUp) + "x sooner"
        : Numbers.significant(1 / speedUp) + "x later";
  }

  /**
   * For example {@code word F1 -0.080 (-0.145 to -0.030), retention 0.901 (0.830 to 0.960): worse
   * than the margin of 0.02}.
   */
  static String quality(String metric, ScoreDifference difference, Optional<Retention> retention) {
    return MetricNames.label(metric)
        + " "
        + difference(difference)
        + retention.map(r -> ", " + retention(r)).orElse("")
        + ": "
        + verdict(difference);
  }

  static String retention(Retention retention) {
    return retention
        .undefined()
        .map(reason -> "retention not defined (" + reason + ")")
        .orElseGet(
            () ->
                "retention "
                    + Numbers.score(retention.ratio())
                    + " ("
                    + Numbers.score(retention.low95())
                    + (Double.isFinite(retention.high95())
                        ? " to " + Numbers.score(retention.high95())
                        : " or more")
                    + ")");
  }

  /** Retention in a table. */
  static String retentionCell(Retention retention) {
    return retention.undefined().isPresent()
        ? "not defined"
        : Numbers.interval(retention.ratio(), retention.low95(), retention.high95());
  }

  static String difference(ScoreDifference difference) {
    String mean = Numbers.scoreDifference(difference.mean());
    return Double.isNaN(difference.low95())
        ? mean
        : mean
            + " ("
            + Numbers.scoreDifference(difference.low95())
            + " to "
            + Numbers.scoreDifference(difference.high95())
            + ")";
  }

  private static String verdict(ScoreDifference difference) {
    return switch (difference.verdict()) {
      case "pass" -> "loss smaller than the margin of " + difference.margin();
      case "fail" -> "worse than the margin of " + difference.margin();
      default -> difference.verdictText() + ": " + difference.reason();
    };
  }
}
