package ai.cacheblend.orchestrator.page.chart;

/** Interval bars, clipped at the edge of the plot with an arrow. */
final class Bars {
  private static final double HEAD = 3.5;

  private Bars() {}

  /** Empty if the interval is unknown. */
  static SvgTag vertical(double x, Scale y, double low, double high) {
    SvgTag bar = Svg.group("interval");
    if (!Double.isFinite(low) || !Double.isFinite(high)) {
      return bar;
    }
    bar.with(Svg.line(x, y.clamped(low), x, y.clamped(high), "bar"));
    if (!y.contains(low)) {
      bar.with(
          Svg.path(arrow(x, y.at(y.low()), 0, y.at(y.low()) > y.at(y.high()) ? 1 : -1), "tip"));
    }
    if (!y.contains(high)) {
      bar.with(
          Svg.path(arrow(x, y.at(y.high()), 0, y.at(y.high()) > y.at(y.low()) ? 1 : -1), "tip"));
    }
    return bar;
  }

  /** Empty if the interval is unknown. */
  static SvgTag horizontal(double y, Scale x, double low, double high) {
    SvgTag bar = Svg.group("interval");
    if (!Double.isFinite(low) || !Double.isFinite(high)) {
      return bar;
    }
    bar.with(Svg.line(x.clamped(low), y, x.clamped(high), y, "bar"));
    if (!x.contains(low)) {
      bar.with(Svg.path(arrow(x.at(x.low()), y, -1, 0), "tip"));
    }
    if (!x.contains(high)) {
      bar.with(Svg.path(arrow(x.at(x.high()), y, 1, 0), "tip"));
    }
    return bar;
  }

  /** A triangle with its tip at the point, in the direction (dx, dy). */
  private static String arrow(double x, double y, int dx, int dy) {
    double baseX = x - 2 * HEAD * dx;
    double baseY = y - 2 * HEAD * dy;
    return "M%s %sL%s %sL%s %sz"
        .formatted(
            Svg.px(x),
            Svg.px(y),
            Svg.px(baseX - HEAD * dy),
            Svg.px(baseY - HEAD * dx),
            Svg.px(baseX + HEAD * dy),
            Svg.px(baseY + HEAD * dx));
  }
}
