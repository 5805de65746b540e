package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Figures.interval;
import static ai.cacheblend.orchestrator.page.chart.Figures.text;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.records.QualityRun;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import java.util.ArrayList;
import java.util.List;

/** What a gate saw at each look. */
final class GateTables {
  private GateTables() {}

  static DivTag of(QualityRun.Gate gate, ArmStyles styles) {
    List<List<DomContent>> rows = new ArrayList<>();
    for (QualityRun.Look look : gate.looks()) {
      rows.add(
          List.of(
              Html.arm(look.arm(), styles),
              TagCreator.text(Integer.toString(look.samples())),
              TagCreator.text(Integer.toString(look.n())),
              TagCreator.text(
                  Double.isFinite(look.difference()) ? text("%+.4f", look.difference()) : ""),
              TagCreator.text(interval("%+.4f", look.low(), look.high())),
              TagCreator.text(look.verdict().replace('_', '-'))));
    }
    return Html.dataTable(
        List.of("arm", "samples", "n", "loss", text("%.3g %%", 100 * gate.level()), "verdict"),
        rows);
  }
}
