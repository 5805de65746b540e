package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.MetricNames;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Formats a quality run. */
public final class QualityTable {
  private QualityTable() {}

  /** One line per arm, then one sentence per arm. */
  public static String render(QualityPlan plan, QualitySummary summary, Columns columns) {
    String title =
        "Quality on "
            + plan.dataset()
            + ": mean "
            + plan.metric()
            + " of "
            + summary.n()
            + " valid samples ("
            + summary.invalid()
            + " invalid)\nDifference: arm minus full_prefill, paired by sample.\n"
            + Sentences.CHARGED
            + "\n";
    if (summary.arms().isEmpty()) {
      return title + "no valid sample\n";
    }
    boolean all = columns == Columns.ALL;
    List<String> metrics =
        new ArrayList<>(summary.arms().get(plan.arms().get(0).name()).scores().keySet());
    List<String> otherMetrics = metrics.subList(1, metrics.size());
    List<String> header =
        new ArrayList<>(
            List.of(
                "arm",
                "charged",
                MetricNames.label(plan.metric()),
                "difference (95 %)",
                "verdict"));
    if (all) {
      header.addAll(List.of("retention (95 %)", "same, %", "p", "diverges at token"));
      header.addAll(otherMetrics);
    }
    TextTable table = new TextTable(columns, header);
    for (NamedArm arm : plan.arms()) {
      QualitySummary.Arm statistics = summary.arms().get(arm.name());
      List<String> cells = new ArrayList<>();
      cells.add(arm.name());
      cells.add(Numbers.budget(statistics.chargedBudget()));
      cells.add(Numbers.score(statistics.scores().get(plan.metric()).mean()));
      cells.addAll(comparison(statistics.comparison(), all));
      if (all) {
        otherMetrics.forEach(
            metric -> cells.add(Numbers.score(statistics.scores().get(metric).mean())));
      }
      table.row(cells);
    }
    return title + table.render() + findings(plan, summary);
  }

  private static List<String> comparison(
      Optional<QualitySummary.Comparison> compared, boolean all) {
    if (compared.isEmpty()) {
      return Collections.nCopies(all ? 6 : 2, "");
    }
    QualitySummary.Comparison comparison = compared.get();
    ScoreDifference difference = comparison.armMinusFullPrefill();
    List<String> cells = new ArrayList<>();
    cells.add(Sentences.difference(difference));
    cells.add(difference.verdictText());
    if (all) {
      cells.add(comparison.retention().map(Sentences::retentionCell).orElse("-"));
      cells.add(Numbers.percent(comparison.identicalShare()));
      cells.add(Numbers.significant(difference.permutationP()));
      cells.add(comparison.firstDivergence().map(i -> Numbers.significant(i.median())).orElse(""));
    }
    return cells;
  }

  private static String findings(QualityPlan plan, QualitySummary summary) {
    StringBuilder findings = new StringBuilder("\n");
    summary
        .supportingRecall()
        .ifPresent(
            recall ->
                findings.append(
                    TextLines.wrapped(
                        "retrieval: the prompts have a chunk of "
                            + Numbers.percent(recall)
                            + " % of the supporting documents")));
    summary
        .arms()
        .forEach(
            (name, arm) ->
                arm.armMinusFullPrefill()
                    .ifPresent(
                        difference ->
                            findings.append(
                                TextLines.wrapped(
                                    name
                                        + ": "
                                        + Sentences.quality(
                                            plan.metric(), difference, arm.retention())))));
    summary
        .warnings()
        .forEach(warning -> findings.append(TextLines.wrapped("warning: " + warning)));
    return findings.toString();
  }
}
