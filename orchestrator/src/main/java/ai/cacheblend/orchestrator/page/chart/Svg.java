package ai.cacheblend.orchestrator.page.chart;

import java.util.Locale;

/** Shapes. Coordinates are in pixels, y downwards; classes are those of chart.css. */
final class Svg {
  private Svg() {}

  static SvgTag group(String classes) {
    return new SvgTag("g").attr("class", classes);
  }

  static SvgTag line(double x1, double y1, double x2, double y2, String classes) {
    return new SvgTag("line")
        .attr("x1", px(x1))
        .attr("y1", px(y1))
        .attr("x2", px(x2))
        .attr("y2", px(y2))
        .attr("class", classes);
  }

  static SvgTag rect(double x, double y, double width, double height, String classes) {
    return new SvgTag("rect")
        .attr("x", px(x))
        .attr("y", px(y))
        .attr("width", px(Math.max(0, width)))
        .attr("height", px(Math.max(0, height)))
        .attr("class", classes);
  }

  static SvgTag circle(double x, double y, double radius, String classes) {
    return new SvgTag("circle")
        .attr("cx", px(x))
        .attr("cy", px(y))
        .attr("r", px(radius))
        .attr("class", classes);
  }

  static SvgTag path(String data, String classes) {
    return new SvgTag("path").attr("d", data).attr("class", classes);
  }

  /** Text that starts, is centred or ends at x. */
  static SvgTag text(double x, double y, Anchor anchor, String classes, String text) {
    return new SvgTag("text")
        .attr("x", px(x))
        .attr("y", px(y))
        .attr("text-anchor", anchor.value)
        .attr("class", classes)
        .withText(text);
  }

  enum Anchor {
    START("start"),
    MIDDLE("middle"),
    END("end");

    private final String value;

    Anchor(String value) {
      this.value = value;
    }
  }

  static String px(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
