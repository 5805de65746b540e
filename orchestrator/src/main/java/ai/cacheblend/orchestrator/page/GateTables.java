package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.interval;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.p;
import static j2html.TagCreator.summary;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.GateDecision;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import java.util.ArrayList;
import java.util.List;

/** The interim analyses of a gate and the reason for its verdict. */
final class GateTables {
  private GateTables() {}

  /** Everything that was compared before the test. */
  private static DivTag candidates(GateDecision.Selection selection) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (GateDecision.Candidate candidate : selection.candidates()) {
      int position = selection.sequence().indexOf(candidate.arm());
      rows.add(
          Html.row(
              TagCreator.text(candidate.arm()),
              List.of(
                  Numbers.budget(candidate.chargedBudget()),
                  Numbers.difference(candidate.difference()),
                  position < 0 ? "" : Integer.toString(position + 1))));
    }
    return div(
        details(
            summary(
                Numbers.text(
                    "%d candidates, compared on %d samples", rows.size(), selection.samples())),
            Html.dataTable(
                List.of("candidate", "charged", "arm − full prefill", "tested as"), rows)));
  }

  static DivTag of(GateDecision gate, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (GateDecision.Interim interim : gate.interims()) {
      ScoreDifference difference = interim.armMinusFullPrefill();
      rows.add(
          List.of(
              Html.arm(interim.arm(), styles),
              TagCreator.text(Integer.toString(interim.samples())),
              TagCreator.text(Integer.toString(difference.n())),
              TagCreator.text(Numbers.difference(difference.mean())),
              TagCreator.text(
                  interval(difference.low95(), difference.high95(), Numbers::difference)),
              TagCreator.text(difference.verdictText())));
    }
    return div(
        p(gate.selection().map(GateDecision.Selection::sentence).orElse(gate.reason()))
            .withClass("recommendation"),
        gate.selection().map(GateTables::candidates).orElseGet(() -> div()),
        Html.dataTable(
            List.of("arm", "samples", "valid", "arm − full prefill", "95 %", "verdict"), rows));
  }
}
