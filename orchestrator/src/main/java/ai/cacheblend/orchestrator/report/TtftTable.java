package ai.cacheblend.orchestrator.report;

import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.run.TtftSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A TTFT run for people. */
public final class TtftTable {
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final String NONE = "-";

  private TtftTable() {}

  /** One line per length and arm. */
  public static String render(TtftPlan plan, TtftSummary summary) {
    TextTable table =
        new TextTable(
            List.of(
                "tokens",
                "arm",
                "client TTFT ms",
                "worker TTFT ms",
                "speed-up",
                "95 %",
                "collect s",
                "n",
                "invalid"));
    for (TtftSummary.Row row : summary.rows()) {
      boolean first = true;
      for (NamedArm arm : plan.arms()) {
        List<String> cells = new ArrayList<>();
        cells.add(first ? Integer.toString(row.length()) : "");
        cells.add(arm.name());
        cells.addAll(figures(Optional.ofNullable(row.arms().get(arm.name()))));
        cells.add(first ? row.collect().map(TtftTable::seconds).orElse(NONE) : "");
        cells.add(first ? Integer.toString(row.validCount()) : "");
        cells.add(first ? Integer.toString(row.invalidCount()) : "");
        table.row(cells);
        first = false;
      }
    }
    return "Time to first token, mean ± sample std; collect is apart from it\n\n" + table.render();
  }

  private static List<String> figures(Optional<TtftSummary.ArmFigures> figures) {
    return List.of(
        figures.map(f -> millis(f.clientTtft())).orElse(NONE),
        figures.map(f -> millis(f.workerTtft())).orElse(NONE),
        figures
            .flatMap(TtftSummary.ArmFigures::speedUp)
            .map(s -> text("%.2fx", s.ratioOfMeans()))
            .orElse(""),
        figures
            .flatMap(TtftSummary.ArmFigures::speedUp)
            .filter(s -> Double.isFinite(s.low95()))
            .map(s -> text("%.2f..%.2f", s.low95(), s.high95()))
            .orElse(""));
  }

  private static String millis(Summary summary) {
    return spread(
        "%.2f", summary.mean() * MILLIS_PER_SECOND, summary.sampleStd() * MILLIS_PER_SECOND);
  }

  private static String seconds(Summary summary) {
    return spread("%.3f", summary.mean(), summary.sampleStd());
  }

  private static String spread(String format, double mean, double std) {
    return text(format, mean) + (Double.isNaN(std) ? "" : " ± " + text(format, std));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
