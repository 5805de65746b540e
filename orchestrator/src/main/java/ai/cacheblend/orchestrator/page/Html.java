package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.div;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Chart;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.FigcaptionTag;
import j2html.tags.specialized.FigureTag;
import j2html.tags.specialized.TbodyTag;
import j2html.tags.specialized.TrTag;
import java.util.List;

/** HTML elements that several sections use. */
final class Html {
  private static final int WIDE = 1000;
  private static final int NARROW = 340;

  private Html() {}

  /** A chart under its title. */
  static FigureTag chart(Chart chart) {
    return chart(chart, figcaption(strong(chart.title()), span(chart.note())));
  }

  /** A chart below an element that is its title. */
  static FigureTag untitledChart(Chart chart) {
    return chart(chart, figcaption(span(chart.note())));
  }

  /** Draws a wide and a narrow chart; the style sheet shows one of them. */
  private static FigureTag chart(Chart chart, FigcaptionTag caption) {
    return figure(
            caption,
            div(chart.drawing().apply(WIDE)).withClass("wide"),
            div(chart.drawing().apply(NARROW)).withClass("narrow"))
        .withId(chart.id());
  }

  /** A table that scrolls if it is too wide. First column left-aligned, others right-aligned. */
  static DivTag dataTable(List<String> header, List<List<DomContent>> rows) {
    TrTag head = tr();
    header.forEach(cell -> head.with(th(cell)));
    TbodyTag body = tbody();
    for (List<DomContent> row : rows) {
      TrTag line = tr();
      row.forEach(cell -> line.with(td(cell)));
      body.with(line);
    }
    return div(table(thead(head), body)).withClass("table");
  }

  /** An arm's name behind its mark. */
  static DomContent arm(String name, ArmStyles styles) {
    return span(styles.swatch(name), j2html.TagCreator.text(" " + name)).withClass("arm");
  }
}
