package ai.cacheblend.orchestrator.page.chart;

/** What a chart is drawn on. */
final class Canvas {
  /** Narrower than this, parts of a chart stand below instead of beside each other. */
  static final int NARROW = 500;

  /** Of the labels, 12 px: a little more than what letters take on average. */
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
