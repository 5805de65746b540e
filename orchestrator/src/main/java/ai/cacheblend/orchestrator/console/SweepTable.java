package ai.cacheblend.orchestrator.console;

import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.run.Frontier;
import ai.cacheblend.orchestrator.run.QualitySummary;
import ai.cacheblend.orchestrator.run.SweepSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A sweep for people. */
public final class SweepTable {
  private static final double MILLIS_PER_SECOND = 1e3;

  private SweepTable() {}

  /** One line per point; a block for each prompt shape and data set. */
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
      Optional<QualitySummary.Comparison> comparison = point.quality().comparison();
      table.row(
          List.of(
              point.arm(),
              point.chunkCount() + " x " + point.chunkTokens(),
              Integer.toString(point.length()),
              point.data().dataset(),
              millis(point.speed().clientTtft()),
              point.speed().speedUp().map(SweepTable::speedUp).orElse(""),
              text("%.4f", point.quality().scores().get(point.data().metric()).mean()),
              comparison.map(SweepTable::difference).orElse(""),
              comparison.map(c -> c.verdict().outcome().text()).orElse(""),
              place(point.place())));
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "Speed-up: geometric mean of the blocks' ratios. Difference: arm minus full_prefill,"
            + " paired, with confidence interval.");
    notes.add(
        "Frontier, by means: no other arm with the same prompts is at least as good in both and"
            + " better in one; \"?\": differences within their 95 % intervals decide it.");
    if (!summary.complete()) {
      notes.add("Some points are missing: their prompts or data set have no valid block.");
    }
    return table.render() + "\n" + String.join("\n", notes) + "\n";
  }

  private static String millis(Summary ttft) {
    String mean = text("%.2f", ttft.mean() * MILLIS_PER_SECOND);
    return Double.isNaN(ttft.sampleStd())
        ? mean
        : mean + text(" ± %.2f", ttft.sampleStd() * MILLIS_PER_SECOND);
  }

  private static String speedUp(SpeedUp speedUp) {
    String mean = text("%.2fx", speedUp.geometricMean());
    return speedUp.n() > 1 ? mean + text(" (%.2f..%.2f)", speedUp.low95(), speedUp.high95()) : mean;
  }

  private static String difference(QualitySummary.Comparison comparison) {
    return text(
        "%+.4f (%+.4f..%+.4f)",
        comparison.difference().mean(), comparison.interval().low(), comparison.interval().high());
  }

  private static String place(Frontier.Place place) {
    return (place.onFrontier() ? "yes" : "no") + (place.resolved() ? "" : "?");
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
