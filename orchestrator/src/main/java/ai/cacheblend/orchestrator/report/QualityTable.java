package ai.cacheblend.orchestrator.report;

import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.QualitySummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A quality run for people. */
public final class QualityTable {
  private QualityTable() {}

  /** One line per arm. */
  public static String render(QualityPlan plan, QualitySummary summary) {
    String title =
        text(
            "Quality on %s: mean %s over %d samples (%d invalid); difference is full prefill minus"
                + " the arm, paired, ± 95 %% half-width%n%n",
            plan.dataset(), plan.metric(), summary.validCount(), summary.invalidCount());
    if (summary.arms().isEmpty()) {
      return title + "no valid sample\n";
    }
    List<String> metrics =
        new ArrayList<>(summary.arms().get(plan.arms().get(0).name()).scores().keySet());
    List<String> header = new ArrayList<>(List.of("arm", "score", "difference", "std", "same"));
    header.addAll(metrics.subList(1, metrics.size()));
    TextTable table = new TextTable(header);
    for (NamedArm arm : plan.arms()) {
      QualitySummary.ArmFigures figures = summary.arms().get(arm.name());
      List<String> cells = new ArrayList<>();
      cells.add(arm.name());
      cells.add(text("%.4f", figures.scores().get(plan.metric()).mean()));
      cells.add(figures.difference().map(QualityTable::spread).orElse(""));
      cells.add(
          figures
              .difference()
              .filter(d -> Double.isFinite(d.sampleStd()))
              .map(d -> text("%.4f", d.sampleStd()))
              .orElse(""));
      cells.add(
          figures.identicalShare().isPresent()
              ? text("%.0f %%", 100 * figures.identicalShare().getAsDouble())
              : "");
      metrics
          .subList(1, metrics.size())
          .forEach(metric -> cells.add(text("%.4f", figures.scores().get(metric).mean())));
      table.row(cells);
    }
    return title + table.render();
  }

  private static String spread(PairedDifference difference) {
    return text("%+.4f", difference.mean())
        + (Double.isFinite(difference.halfWidth95())
            ? text(" ± %.4f", difference.halfWidth95())
            : "");
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
