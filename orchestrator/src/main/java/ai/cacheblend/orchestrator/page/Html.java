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
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.Retention;
import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.FigcaptionTag;
import j2html.tags.specialized.FigureTag;
import j2html.tags.specialized.TbodyTag;
import j2html.tags.specialized.TdTag;
import j2html.tags.specialized.TrTag;
import java.util.ArrayList;
import java.util.List;

/** HTML elements that several sections use. */
final class Html {
  private static final int WIDE = 1000;
  private static final int NARROW = 340;

  private Html() {}

  /** A chart with its title. */
  static FigureTag chart(Chart chart) {
    return chart(chart, figcaption(strong(chart.title()), span(chart.note())));
  }

  /** A chart without a title: the surrounding element has one. */
  static FigureTag untitledChart(Chart chart) {
    return chart(chart, figcaption(span(chart.note())));
  }

  /** Rendered for wide and for narrow pages; the style sheet hides one of them. */
  private static FigureTag chart(Chart chart, FigcaptionTag caption) {
    return figure(
            caption,
            div(chart.drawing().apply(WIDE)).withClass("wide"),
            div(chart.drawing().apply(NARROW)).withClass("narrow"))
        .withId(chart.id());
  }

  /**
   * A table. On narrow pages each row becomes a block with the header beside each cell. The first
   * column is left-aligned, the others are right-aligned.
   */
  static DivTag dataTable(List<String> header, List<List<DomContent>> rows) {
    TrTag head = tr();
    header.forEach(cell -> head.with(th(cell)));
    TbodyTag body = tbody();
    for (List<DomContent> row : rows) {
      TrTag line = tr();
      for (int i = 0; i < row.size(); i++) {
        TdTag cell = td(row.get(i)).attr("data-label", header.get(i));
        line.with(row.get(i).render().isEmpty() ? cell.withClass("empty") : cell);
      }
      body.with(line);
    }
    return div(table(thead(head), body).withClass("data")).withClass("table");
  }

  static String retention(Retention retention) {
    return retention.undefined().isPresent() ? "not defined" : Numbers.score(retention.ratio());
  }

  /** Both ends; the reason if the retention is not defined. */
  static String retentionInterval(Retention retention) {
    return retention
        .undefined()
        .orElseGet(
            () ->
                Double.isFinite(retention.high95())
                    ? Numbers.interval(retention.low95(), retention.high95(), Numbers::score)
                    : Numbers.score(retention.low95()) + " or more");
  }

  /** Cells of a row: the arm, then texts. */
  static List<DomContent> row(DomContent first, List<String> texts) {
    List<DomContent> cells = new ArrayList<>();
    cells.add(first);
    texts.forEach(text -> cells.add(TagCreator.text(text)));
    return cells;
  }

  /** The marker of an arm, then its name. */
  static DomContent arm(String name, ArmStyles styles) {
    return arm(name, name, styles);
  }

  /** The marker of an arm, then a text. */
  static DomContent arm(String name, String text, ArmStyles styles) {
    return span(styles.swatch(name), TagCreator.text(" " + text)).withClass("arm");
  }
}
