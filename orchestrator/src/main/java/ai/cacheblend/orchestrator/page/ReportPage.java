package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.document;
import static j2html.TagCreator.each;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.style;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.title;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Chart;
import ai.cacheblend.orchestrator.page.chart.Markup;
import ai.cacheblend.orchestrator.records.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.io.Resources;
import j2html.tags.DomContent;
import j2html.tags.specialized.NavTag;
import j2html.tags.specialized.SectionTag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Runs as one HTML page without scripts and external references. */
final class ReportPage {
  private static final int OPEN_CHARTS = 2;

  private ReportPage() {}

  /**
   * @param command regenerates the page
   */
  static String render(List<NamedResult> runs, String version, String command) {
    List<Result> all = runs.stream().map(NamedResult::run).toList();
    ArmStyles styles = new ArmStyles(all);
    String models =
        all.stream()
            .map(r -> r.header().model("name"))
            .distinct()
            .collect(Collectors.joining(", "));
    List<Chart> tradeOffs = TradeOffs.of(runs, styles);
    String page =
        document(
            html(
                    head(
                        meta().withCharset("utf-8"),
                        meta()
                            .withName("viewport")
                            .withContent("width=device-width, initial-scale=1"),
                        meta().withName("color-scheme").withContent("light dark"),
                        title("KV-cache reuse on " + models),
                        style(rawHtml(Chart.style() + pageStyle()))),
                    body(
                        header(
                            h1("KV-cache reuse on " + models),
                            p(subtitle(all.get(0))).withClass("note"),
                            navigation(runs, !tradeOffs.isEmpty())),
                        main(
                            OverviewSection.of(runs, styles),
                            tradeOffs(tradeOffs),
                            each(sections(runs, styles), section -> section),
                            ConcernsSection.of(runs),
                            DefinitionsSection.section(),
                            EnvironmentSection.of(runs),
                            ReproduceSection.of(runs, command)),
                        footer(p("cacheblend " + version).withClass("note"))))
                .withLang("en"));
    return Markup.clean(page);
  }

  /** Only the first chart is expanded; in a sweep, it is the one of the longest prompts. */
  private static DomContent tradeOffs(List<Chart> charts) {
    if (charts.isEmpty()) {
      return div();
    }
    int open = Math.min(charts.size(), OPEN_CHARTS);
    SectionTag section = section(h2("Quality against speed-up")).withId("trade-off");
    charts.subList(0, open).forEach(chart -> section.with(Html.chart(chart)));
    if (open < charts.size()) {
      section.with(
          details(
              summary("Other data sets and prompt shapes"),
              each(charts.subList(open, charts.size()), Html::chart)));
    }
    return section;
  }

  private static List<SectionTag> sections(List<NamedResult> runs, ArmStyles styles) {
    List<SectionTag> sections = new ArrayList<>();
    for (NamedResult run : runs) {
      RunCharts charts = RunCharts.of(run, styles);
      run.sweep().forEach(r -> sections.add(SweepSection.of(run.name(), r, charts, styles)));
      run.ttft().forEach(r -> sections.add(TtftSection.of(run.name(), r, charts, styles)));
      run.load().forEach(r -> sections.add(LoadSection.of(run.name(), r, charts, styles)));
      run.quality().forEach(r -> sections.add(QualitySection.of(run.name(), r, charts, styles)));
    }
    return sections;
  }

  private static NavTag navigation(List<NamedResult> runs, boolean tradeOff) {
    List<DomContent> links = new ArrayList<>();
    links.add(a("verdict").withHref("#verdict"));
    if (tradeOff) {
      links.add(a("trade-off").withHref("#trade-off"));
    }
    runs.forEach(run -> links.add(a(run.name()).withHref("#" + run.name())));
    links.add(a("invalid and outliers").withHref("#concerns"));
    links.add(a("definitions").withHref("#definitions"));
    links.add(a("environment").withHref("#environment"));
    links.add(a("reproduce").withHref("#reproduce"));
    return nav(each(links, link -> link));
  }

  private static String subtitle(Result run) {
    JsonNode environment = run.header().environment();
    JsonNode worker = environment.at("/workers/0");
    String started = environment.path("started_at").asText("");
    return String.join(
        " · ",
        worker.path("device_name").asText("unknown device"),
        worker.at("/model/architecture").asText("unknown architecture"),
        worker.at("/model/dtype").asText("unknown type"),
        started.isEmpty() ? "unknown date" : started.substring(0, Math.min(10, started.length())));
  }

  private static String pageStyle() {
    try {
      return Resources.toString(
          Resources.getResource(ReportPage.class, "page.css"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
