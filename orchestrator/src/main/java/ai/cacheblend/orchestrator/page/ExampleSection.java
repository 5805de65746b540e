package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.text;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.summary;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.records.Example;
import ai.cacheblend.orchestrator.records.ExampleFile;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.Result;
import j2html.tags.DomContent;
import j2html.tags.specialized.DetailsTag;
import java.util.ArrayList;
import java.util.List;

/** Example prompts: recomputed rows by position, and the text with the recomputed tokens. */
final class ExampleSection {
  /** Longer prompts have a chart only: their text would take several pages. */
  private static final int MAX_MAP_TOKENS = 4096;

  private ExampleSection() {}

  static DomContent of(Result run, RunCharts charts, ArmStyles styles) {
    List<DomContent> examples = new ArrayList<>();
    int opened = opened(run.examples());
    for (int i = 0; i < run.examples().size(); i++) {
      Example example = run.examples().get(i);
      DetailsTag details =
          details(
                  summary("Recomputed tokens: " + example.label()),
                  Html.untitledChart(charts.examples().get(i)),
                  map(run, example, styles))
              .withClass("example");
      examples.add(i == opened ? details.attr("open") : details);
    }
    return each(examples, example -> example);
  }

  /**
   * The first example with several chunks: the only chunk of a prompt directly follows BOS, as when
   * it was collected, so its KV does not deviate.
   */
  private static int opened(List<Example> examples) {
    for (int i = 0; i < examples.size(); i++) {
      if (examples.get(i).segments().stream().filter(Example.Segment::cached).count() > 1) {
        return i;
      }
    }
    return 0;
  }

  private static DomContent map(Result run, Example example, ArmStyles styles) {
    if (example.tokenCount() > MAX_MAP_TOKENS) {
      return p(
          text(
              "The text is not shown for prompts of more than %d tokens; see %s.",
              MAX_MAP_TOKENS, ExampleFile.NAME));
    }
    return run.header()
        .headline()
        .map(PlannedArm::name)
        .filter(example.arms()::containsKey)
        .<DomContent>map(arm -> map(example, arm, styles))
        .orElse(div());
  }

  private static DomContent map(Example example, String arm, ArmStyles styles) {
    return div(
        p(
                Html.arm(arm, styles),
                j2html.TagCreator.text(
                    ": highlighted tokens of a chunk are recomputed, its other"
                        + " tokens reuse stored KV. Underlined text is not cached and always computed."))
            .withClass("note"),
        TokenMap.of(example, example.arms().get(arm), styles.colorClass(arm)));
  }
}
