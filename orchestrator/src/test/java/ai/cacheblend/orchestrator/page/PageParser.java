package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;

/** Renders pages and parses them as a browser does. */
final class PageParser {
  private PageParser() {}

  /** The page of the runs; it is valid HTML. */
  static Document parse(List<NamedResult> runs) {
    String html = ReportPage.render(runs, "1.2.3", "cacheblend report 'a b'");
    Parser parser = Parser.htmlParser().setTrackErrors(10);
    Document document = Jsoup.parse(html, parser);
    assertThat(parser.getErrors()).isEmpty();
    return document;
  }
}
