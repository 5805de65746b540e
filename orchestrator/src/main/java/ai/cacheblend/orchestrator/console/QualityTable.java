package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Formats a quality run. */
public final class QualityTable {
  private QualityTable() {}

  /** One line per arm. */
  public static String render(QualityPlan plan, QualitySummary summary) {
    String title =
        text(
            "Quality on %s: mean %s of %d valid samples (%d invalid)%n"
                + "difference: arm minus full_prefill, paired, with 95 %% confidence interval and"
                + " permutation p%n"
                + "verdict: whether the loss is smaller than the margin of %s; same: share of"
                + " identical answers%n%n",
            plan.dataset(), plan.metric(), summary.n(), summary.invalid(), plan.margin());
    if (summary.arms().isEmpty()) {
      return title + "no valid sample\n";
    }
    List<String> metrics =
        new ArrayList<>(summary.arms().get(plan.arms().get(0).name()).scores().keySet());
    List<String> header =
        new ArrayList<>(
            List.of("arm", "score", "difference", "95 %", "p", "verdict", "same", "diverges at"));
    header.addAll(metrics.subList(1, metrics.size()));
    TextTable table = new TextTable(header);
    for (NamedArm arm : plan.arms()) {
      QualitySummary.Arm figures = summary.arms().get(arm.name());
      List<String> cells = new ArrayList<>();
      cells.add(arm.name());
      cells.add(text("%.4f", figures.scores().get(plan.metric()).mean()));
      cells.addAll(
          figures
              .comparison()
              .map(QualityTable::comparison)
              .orElse(List.of("", "", "", "", "", "")));
      metrics
          .subList(1, metrics.size())
          .forEach(metric -> cells.add(text("%.4f", figures.scores().get(metric).mean())));
      table.row(cells);
    }
    return title + table.render() + reasons(summary);
  }

  private static String reasons(QualitySummary summary) {
    StringBuilder reasons = new StringBuilder();
    summary
        .arms()
        .forEach(
            (name, arm) ->
                arm.comparison()
                    .ifPresent(
                        c ->
                            reasons.append(
                                text("%n%s: %s", name, c.armMinusFullPrefill().reason()))));
    return reasons.isEmpty() ? "" : reasons.append(text("%n")).toString();
  }

  private static List<String> comparison(QualitySummary.Comparison comparison) {
    ScoreDifference difference = comparison.armMinusFullPrefill();
    return List.of(
        text("%+.4f", difference.mean()),
        text("%+.4f..%+.4f", difference.low95(), difference.high95()),
        text("%.3g", difference.permutationP()),
        difference.verdictText(),
        text("%.0f %%", 100 * comparison.identicalShare()),
        comparison.firstDivergence().map(index -> text("%.0f", index.median())).orElse(""));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
