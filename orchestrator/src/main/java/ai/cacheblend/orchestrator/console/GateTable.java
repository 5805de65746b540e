package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.GateDecision;
import ai.cacheblend.orchestrator.records.MetricNames;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.run.ArmSelection;
import ai.cacheblend.orchestrator.run.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Formats a gate. */
public final class GateTable {
  private GateTable() {}

  /** One line per interim analysis and arm, then the verdict and its reason. */
  public static String render(QualityPlan plan, Gate gate, Columns columns) {
    return render(plan, gate, Optional.empty(), columns);
  }

  /**
   * The same, behind the candidates of the selection.
   *
   * @param plan of the test
   */
  public static String render(
      QualityPlan plan, Gate gate, Optional<ArmSelection> selection, Columns columns) {
    List<String> header =
        new ArrayList<>(List.of("arm", "charged", "n", "score", "full", "difference (95 %)"));
    if (columns == Columns.ALL) {
      header.addAll(List.of("same, %", "p"));
    }
    TextTable table = new TextTable(columns, header);
    for (Gate.Interim interim : gate.interims()) {
      interim
          .summary()
          .arms()
          .forEach((name, arm) -> row(table, plan, interim, name, arm, columns));
    }
    return selection.map(s -> candidates(s, columns)).orElse("")
        + "Gate on "
        + plan.dataset()
        + ": does the arm lose less than "
        + plan.margin()
        + " of mean "
        + MetricNames.label(plan.metric())
        + "?\nDifference: arm minus full_prefill, paired by sample.\n"
        + Sentences.CHARGED
        + "\n"
        + table.render()
        + "\n"
        + warnings(gate)
        + TextLines.wrapped(gate.verdict().reason())
        + selection.map(s -> TextLines.wrapped(s.sentence(gate))).orElse("")
        + "\n"
        + gate.verdict().outcome().text()
        + "\n";
  }

  private static String candidates(ArmSelection selection, Columns columns) {
    List<String> sequence = selection.sequence().stream().map(NamedArm::name).toList();
    TextTable table =
        new TextTable(columns, List.of("candidate", "charged", "difference", "tested"));
    for (GateDecision.Candidate candidate : selection.candidates()) {
      int position = sequence.indexOf(candidate.arm());
      table.row(
          List.of(
              candidate.arm(),
              Numbers.budget(candidate.chargedBudget()),
              Numbers.scoreDifference(candidate.difference()),
              position < 0 ? "" : Integer.toString(position + 1)));
    }
    return "Candidates on "
        + selection.samples()
        + " samples of the selection. Tested: position in the sequence.\n\n"
        + table.render()
        + "\n";
  }

  private static String warnings(Gate gate) {
    List<Gate.Interim> interims = gate.interims();
    return interims.get(interims.size() - 1).summary().warnings().stream()
        .map(warning -> TextLines.wrapped("warning: " + warning))
        .collect(Collectors.joining());
  }

  private static void row(
      TextTable table,
      QualityPlan plan,
      Gate.Interim interim,
      String name,
      QualitySummary.Arm arm,
      Columns columns) {
    arm.comparison()
        .ifPresent(
            comparison -> {
              List<String> cells = new ArrayList<>();
              cells.add(name);
              cells.add(Numbers.budget(arm.chargedBudget()));
              cells.add(Integer.toString(interim.summary().n()));
              cells.add(score(plan, arm.scores()));
              cells.add(score(plan, baseline(plan, interim).scores()));
              cells.add(Sentences.difference(comparison.armMinusFullPrefill()));
              if (columns == Columns.ALL) {
                cells.add(Numbers.percent(comparison.identicalShare()));
                cells.add(Numbers.significant(comparison.armMinusFullPrefill().permutationP()));
              }
              table.row(cells);
            });
  }

  private static QualitySummary.Arm baseline(QualityPlan plan, Gate.Interim interim) {
    return interim.summary().arms().get(plan.baseline().orElseThrow().name());
  }

  private static String score(QualityPlan plan, Map<String, Statistics> scores) {
    return Numbers.score(scores.get(plan.metric()).mean());
  }
}
