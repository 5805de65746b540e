package ai.cacheblend.orchestrator.page.chart;

import java.util.function.DoubleFunction;

/** A plot of points over two scales, with a legend above. */
final class XyPlot {
  private static final double LEFT = 56;
  private static final double RIGHT = 8;
  private static final double AXIS_HEIGHT = 38;
  private static final double CAPTION_HEIGHT = 22;

  private final int width;
  private final double top;
  private final double bottom;
  private final SvgTag svg;

  /**
   * @param yCaption quantity and unit of the vertical scale
   * @param xCaption quantity and unit of the horizontal scale
   */
  XyPlot(
      String description,
      int width,
      Legend legend,
      double height,
      String yCaption,
      String xCaption) {
    this.width = width;
    this.top = legend.height() + CAPTION_HEIGHT;
    this.bottom = top + height;
    this.svg =
        Canvas.create(width, bottom + AXIS_HEIGHT, description)
            .with(legend.drawing())
            .with(Svg.text(0, top - 10, Svg.Anchor.START, "label", yCaption))
            .with(Svg.text((LEFT + width) / 2, bottom + 32, Svg.Anchor.MIDDLE, "label", xCaption));
  }

  double left() {
    return LEFT;
  }

  double right() {
    return width - RIGHT;
  }

  double top() {
    return top;
  }

  double bottom() {
    return bottom;
  }

  /** Tick labels that do not touch each other at this width. */
  int tickCount() {
    return width < Canvas.NARROW ? 4 : 8;
  }

  /** Grid and labels of both scales, which must have been made with the edges of this plot. */
  void axes(Scale x, Scale y, DoubleFunction<String> xLabel, DoubleFunction<String> yLabel) {
    for (double tick : y.ticks()) {
      svg.with(Svg.line(LEFT, y.at(tick), right(), y.at(tick), "grid"));
      svg.with(Svg.text(LEFT - 6, y.at(tick) + 4, Svg.Anchor.END, "label", yLabel.apply(tick)));
    }
    for (double tick : x.ticks()) {
      svg.with(Svg.line(x.at(tick), bottom - 4, x.at(tick), bottom, "axis"));
      svg.with(Svg.text(x.at(tick), bottom + 15, Svg.Anchor.MIDDLE, "label", xLabel.apply(tick)));
    }
    svg.with(Svg.line(LEFT, bottom, right(), bottom, "axis"));
  }

  /** A horizontal line over the whole plot. */
  void level(double y, String classes) {
    svg.with(Svg.line(LEFT, y, right(), y, classes));
  }

  SvgTag svg() {
    return svg;
  }
}
