package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.run.Gate;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Formats a gate. */
public final class GateTable {
  private GateTable() {}

  /** One line per interim analysis and arm; the reason of the verdict; the verdict. */
  public static String render(QualityPlan plan, Gate gate) {
    TextTable table =
        new TextTable(List.of("arm", "n", "score", "full", "difference", "95 %", "same"));
    for (Gate.Interim interim : gate.interims()) {
      interim.summary().arms().forEach((name, arm) -> row(table, plan, interim, name, arm));
    }
    return text(
            "Gate on %s: does the arm lose less than %s of mean %s?%n"
                + "difference: arm minus full_prefill, paired; same: share of identical answers%n%n",
            plan.dataset(), plan.margin(), plan.metric())
        + table.render()
        + text("%n%s%n", gate.verdict().reason())
        + text("%n%s%n", gate.verdict().outcome().text());
  }

  private static void row(
      TextTable table,
      QualityPlan plan,
      Gate.Interim interim,
      String name,
      QualitySummary.Arm arm) {
    arm.comparison()
        .ifPresent(
            comparison ->
                table.row(
                    List.of(
                        name,
                        Integer.toString(interim.summary().n()),
                        score(plan, arm.scores()),
                        score(plan, baseline(plan, interim).scores()),
                        text("%+.4f", comparison.armMinusFullPrefill().mean()),
                        text(
                            "%+.4f..%+.4f",
                            comparison.armMinusFullPrefill().low95(),
                            comparison.armMinusFullPrefill().high95()),
                        text("%.0f %%", 100 * comparison.identicalShare()))));
  }

  private static QualitySummary.Arm baseline(QualityPlan plan, Gate.Interim interim) {
    return interim.summary().arms().get(plan.baseline().orElseThrow().name());
  }

  private static String score(QualityPlan plan, Map<String, Statistics> scores) {
    return text("%.4f", scores.get(plan.metric()).mean());
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
