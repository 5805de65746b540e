package ai.cacheblend.orchestrator.page.chart;

/** The root element of a chart. */
final class Canvas {
  /** Below this width in pixels, panels of a chart are stacked. */
  static final int NARROW = 500;

  /** Width of a character of 12 px labels, slightly above the average. */
  private static final double CHARACTER_WIDTH = 7.4;

  private Canvas() {}

  static SvgTag create(int width, double height, String description) {
    return new SvgTag("svg")
        .attr("xmlns", "http://www.w3.org/2000/svg")
        .attr("viewBox", "0 0 " + width + " " + Svg.px(height))
        .attr("width", width)
        .attr("height", Svg.px(height))
        .attr("class", "chart")
        .attr("role", "img")
        .attr("aria-label", description);
  }

  static double textWidth(String text) {
    return text.length() * CHARACTER_WIDTH;
  }
}
