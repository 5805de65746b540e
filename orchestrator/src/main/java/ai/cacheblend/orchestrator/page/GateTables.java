package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.interval;
import static j2html.TagCreator.div;
import static j2html.TagCreator.p;

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
        p(gate.reason()),
        Html.dataTable(
            List.of("arm", "samples", "valid", "arm − full prefill", "95 %", "verdict"), rows));
  }
}
