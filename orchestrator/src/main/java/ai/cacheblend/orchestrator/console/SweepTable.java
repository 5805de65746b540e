package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.SweepSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Formats a sweep. */
public final class SweepTable {
  private static final double MILLIS_PER_SECOND = 1e3;

  private SweepTable() {}

  /** One line per point. */
  public static String render(SweepSummary summary) {
    TextTable table =
        new TextTable(
            List.of(
                "arm",
                "chunks",
                "tokens",
                "data set",
                "client TTFT ms",
                "speed-up, 95 %",
                "score",
                "difference, 95 %",
                "verdict",
                "frontier"));
    for (SweepSummary.Point point : summary.points()) {
      Optional<ScoreDifference> difference = point.armMinusFullPrefill();
      table.row(
          List.of(
              point.arm(),
              point.shape().chunkCount() + " x " + point.shape().chunkTokens(),
              Integer.toString(point.shape().length()),
              point.dataset(),
              millis(point.clientTtft()),
              point.speedUp().map(SweepTable::speedUp).orElse(""),
              text("%.4f", point.score().mean()),
              difference.map(SweepTable::difference).orElse(""),
              difference.map(ScoreDifference::verdictText).orElse(""),
              frontier(point)));
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "Speed-up: geometric mean of the ratios of the blocks. Difference: arm minus full_prefill,"
            + " paired, with confidence interval.");
    notes.add(
        "Frontier: no other arm with the same prompts is at least as good in both means and better"
            + " in one. \"?\": not resolved by the 95 % intervals.");
    if (!summary.complete()) {
      notes.add("Some points are missing: their prompt shape or data set has no valid block.");
    }
    return table.render() + "\n" + String.join("\n", notes) + "\n";
  }

  private static String millis(Statistics ttft) {
    String mean = text("%.2f", ttft.mean() * MILLIS_PER_SECOND);
    return Double.isNaN(ttft.std()) ? mean : mean + text(" ± %.2f", ttft.std() * MILLIS_PER_SECOND);
  }

  private static String speedUp(SpeedUpStatistics speedUp) {
    String mean = text("%.2fx", speedUp.geometricMean());
    return speedUp.n() > 1 ? mean + text(" (%.2f..%.2f)", speedUp.low95(), speedUp.high95()) : mean;
  }

  private static String difference(ScoreDifference difference) {
    return text("%+.4f (%+.4f..%+.4f)", difference.mean(), difference.low95(), difference.high95());
  }

  private static String frontier(SweepSummary.Point point) {
    return (point.onFrontier() ? "yes" : "no") + (point.resolved() ? "" : "?");
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
