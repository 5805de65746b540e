package ai.cacheblend.orchestrator.page.chart;

import static j2html.TagCreator.rawHtml;

import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * A figure.
 *
 * @param id unique in a report; also the name of its file
 * @param title content in one line
 * @param note explanation of the marks
 * @param drawing the figure at a width in pixels
 */
public record Chart(String id, String title, String note, IntFunction<SvgTag> drawing) {
  private static final int FILE_WIDTH = 720;

  /** The figure as a standalone SVG file with its style sheet. */
  public String file() {
    String svg =
        drawing.apply(FILE_WIDTH).with(new SvgTag("style").with(rawHtml(style()))).render();
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Markup.clean(svg) + "\n";
  }

  /** The style sheet of all charts: colours, light and dark. */
  public static String style() {
    try {
      return Resources.toString(
          Resources.getResource(Chart.class, "chart.css"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
