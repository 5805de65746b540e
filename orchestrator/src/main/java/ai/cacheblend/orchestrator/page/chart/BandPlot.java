package ai.cacheblend.orchestrator.page.chart;

import java.util.List;
import java.util.function.DoubleFunction;

/** A plot with one band per category on the x axis and a scale on the left. */
final class BandPlot {
  private static final double LEFT = 56;
  private static final double AXIS_HEIGHT = 38;
  private static final double CAPTION_HEIGHT = 22;

  private final int width;
  private final double bottom;
  private final List<Integer> bands;
  private final SvgTag svg;

  /**
   * @param yCaption quantity and unit of the scale
   * @param xCaption quantity and unit of the x axis
   */
  BandPlot(
      String description,
      int width,
      Legend legend,
      double plotHeight,
      List<Integer> bands,
      String yCaption,
      String xCaption) {
    this.width = width;
    this.bands = bands;
    double top = legend.height() + CAPTION_HEIGHT;
    this.bottom = top + plotHeight;
    this.svg =
        Canvas.create(width, bottom + AXIS_HEIGHT, description)
            .with(legend.drawing())
            .with(Svg.text(0, top - 10, Svg.Anchor.START, "label", yCaption))
            .with(Svg.text((LEFT + width) / 2, bottom + 32, Svg.Anchor.MIDDLE, "label", xCaption));
  }

  /** Grid and labels; {@code scale} must have been made with {@link #bottom} below. */
  void axes(Scale scale, DoubleFunction<String> tickLabel) {
    for (double tick : scale.ticks()) {
      double y = scale.at(tick);
      svg.with(Svg.line(LEFT, y, width, y, "grid"));
      svg.with(Svg.text(LEFT - 6, y + 4, Svg.Anchor.END, "label", tickLabel.apply(tick)));
    }
    for (int i = 0; i < bands.size(); i++) {
      if (i > 0) {
        svg.with(Svg.line(left(i), bottom - 5, left(i), bottom, "axis"));
      }
      svg.with(
          Svg.text(
              left(i) + bandWidth() / 2,
              bottom + 15,
              Svg.Anchor.MIDDLE,
              "label",
              Integer.toString(bands.get(i))));
    }
    svg.with(Svg.line(LEFT, bottom, width, bottom, "axis"));
  }

  double bottom() {
    return bottom;
  }

  /** The center of the slot of one of {@code count} arms in a band. */
  double place(int band, int index, int count) {
    return left(band) + bandWidth() * (index + 1) / (count + 1);
  }

  double bandWidth() {
    return (width - LEFT) / bands.size();
  }

  double plotLeft() {
    return LEFT;
  }

  int width() {
    return width;
  }

  private double left(int band) {
    return LEFT + band * bandWidth();
  }

  SvgTag svg() {
    return svg;
  }
}
