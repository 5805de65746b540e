package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.records.MetricNames;
import ai.cacheblend.orchestrator.records.Retention;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import java.util.Locale;
import java.util.Optional;

/** The evidence of a recommendation, as text. */
final class AdviceText {
  private AdviceText() {}

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Verdict, difference, retention and charged budget on one data set. */
  static String quality(
      String dataset,
      String metric,
      ScoreDifference difference,
      Optional<Retention> retention,
      double chargedBudget) {
    return text(
        "%s: %s, margin %s, %s %+.3f (95 %%: %+.3f to %+.3f), n = %d%s, charged budget %.3f",
        dataset,
        difference.verdictText(),
        difference.margin(),
        MetricNames.label(metric),
        difference.mean(),
        difference.low95(),
        difference.high95(),
        difference.n(),
        retention.map(AdviceText::retention).orElse(""),
        chargedBudget);
  }

  private static String retention(Retention of) {
    if (of.undefined().isPresent()) {
      return ", retention not defined";
    }
    return text(", retention %.3f (%.3f ", of.ratio(), of.low95())
        + (Double.isFinite(of.high95()) ? text("to %.3f)", of.high95()) : "or more)");
  }

  static String speed(SpeedUpStatistics speedUp, int length) {
    String interval =
        Double.isFinite(speedUp.low95())
            ? text(" (%.2f to %.2f)", speedUp.low95(), speedUp.high95())
            : "";
    return speedUp.resolved()
        ? text("TTFT speed-up %.2f%s at %d tokens", speedUp.geometricMean(), interval, length)
        : text("TTFT speed-up not resolved%s at %d tokens", interval, length);
  }
}
