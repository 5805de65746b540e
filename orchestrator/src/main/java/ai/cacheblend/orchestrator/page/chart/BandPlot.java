package ai.cacheblend.orchestrator.page.chart;

import java.util.List;
import java.util.function.DoubleFunction;

/** A plot with prompt lengths, or other numbers, side by side below and a scale at the left. */
final class BandPlot {
  private static final double LEFT = 52;
  private static final double AXIS_HEIGHT = 38;

  private final int width;
  private final double bottom;
  private final List<Integer> lengths;
  private final String caption;
  private final SvgTag svg;

  BandPlot(String description, int width, Legend legend, double plotHeight, List<Integer> lengths) {
    this(description, width, legend, plotHeight, lengths, "prompt tokens");
  }

  /**
   * @param caption says what the numbers below are
   */
  BandPlot(
      String description,
      int width,
      Legend legend,
      double plotHeight,
      List<Integer> lengths,
      String caption) {
    this.width = width;
    this.lengths = lengths;
    this.caption = caption;
    double top = legend.height() + 6;
    this.bottom = top + plotHeight;
    this.svg = Canvas.create(width, bottom + AXIS_HEIGHT, description).with(legend.drawing());
  }

  /** Grid and labels; {@code scale} must have been made with {@link #bottom} below. */
  void axes(Scale scale, DoubleFunction<String> tickLabel) {
    for (double tick : scale.ticks()) {
      double y = scale.at(tick);
      svg.with(Svg.line(LEFT, y, width, y, "grid"));
      svg.with(Svg.text(LEFT - 6, y + 4, Svg.Anchor.END, "label", tickLabel.apply(tick)));
    }
    for (int i = 0; i < lengths.size(); i++) {
      if (i > 0) {
        svg.with(Svg.line(left(i), bottom - 5, left(i), bottom, "axis"));
      }
      svg.with(
          Svg.text(
              left(i) + bandWidth() / 2,
              bottom + 15,
              Svg.Anchor.MIDDLE,
              "label",
              Integer.toString(lengths.get(i))));
    }
    svg.with(Svg.line(LEFT, bottom, width, bottom, "axis"));
    svg.with(Svg.text((LEFT + width) / 2, bottom + 32, Svg.Anchor.MIDDLE, "label", caption));
  }

  double bottom() {
    return bottom;
  }

  /** Where the place of one of {@code count} things beside each other is centred in a band. */
  double place(int band, int index, int count) {
    return left(band) + bandWidth() * (index + 1) / (count + 1);
  }

  double bandWidth() {
    return (width - LEFT) / lengths.size();
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
