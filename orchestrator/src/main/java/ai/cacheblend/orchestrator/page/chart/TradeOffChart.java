package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.ScoreDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * Quality against speed-up. Loss greater than the margin is shaded; the arithmetic bound of the
 * speed-up is a dashed line.
 */
public final class TradeOffChart {
  private static final double PLOT_HEIGHT = 320;
  private static final double AXIS_HEIGHT = 38;
  private static final double CAPTION_HEIGHT = 22;
  private static final double BOUND_HEIGHT = 16;
  private static final double LEFT = 56;

  /** A bound above this multiple of the largest speed-up is not drawn. */
  private static final double FAR = 2;

  /** Charts with more points have thinner bars. */
  private static final int FEW = 6;

  private final ArmStyles styles;
  private final List<TradeOffPoint> points;
  private final List<TradeOffPoint> earlier;
  private final String metric;

  private TradeOffChart(
      ArmStyles styles, List<TradeOffPoint> points, List<TradeOffPoint> earlier, String metric) {
    this.styles = styles;
    this.points = points;
    this.earlier = earlier;
    this.metric = metric;
  }

  /**
   * Quality against speed-up of the arms of a run or of a prompt shape.
   *
   * @param points full prefill and at least one other arm
   * @param earlier the same arms in an earlier run
   * @param metric label of the score
   * @param source runs from which speed and quality come
   */
  public static Chart of(
      String id,
      String title,
      String source,
      List<TradeOffPoint> points,
      List<TradeOffPoint> earlier,
      String metric,
      ArmStyles styles) {
    return new Chart(
        id,
        title,
        "Up and right is better. "
            + source
            + " Bars: 95 % intervals; an arrow marks one that continues beyond the plot. Shaded:"
            + " loss greater than the margin. Dashed line: arithmetic bound of the speed-up.",
        new TradeOffChart(styles, List.copyOf(points), List.copyOf(earlier), metric)::draw);
  }

  private SvgTag draw(int width) {
    List<Legend.Entry> entries =
        new ArrayList<>(Legend.families(points.stream().map(TradeOffPoint::arm).toList(), styles));
    if (!earlier.isEmpty()) {
      entries.add(Legend.earlier());
    }
    Legend legend = new Legend(entries, width);
    Map<Double, String> bounds = bounds();
    double top = legend.height() + CAPTION_HEIGHT + BOUND_HEIGHT * bounds.size();
    double bottom = top + PLOT_HEIGHT;
    Scale x = xScale(width);
    Scale y = yScale(top, bottom);
    SvgTag svg =
        Canvas.create(width, bottom + AXIS_HEIGHT, "Quality against speed-up, by arm")
            .with(legend.drawing());
    PointLabels labels = new PointLabels(LEFT, width, top, bottom);
    zone(svg, labels, y, width);
    axes(svg, x, y, width, legend.height() + CAPTION_HEIGHT - 10);
    boundLines(svg, x, bounds, top, bottom, width);
    styles
        .families(points.stream().map(TradeOffPoint::arm).toList())
        .forEach((family, arms) -> svg.with(trend(arms, x, y)));
    earlier.forEach(point -> svg.with(change(point, x, y)));
    SvgTag marks = Svg.group(points.size() > FEW ? "many" : "few");
    points.forEach(point -> marks.with(point(point, x, y)));
    svg.with(marks);
    points.forEach(point -> keepClear(labels, point, x, y));
    points.forEach(
        point -> labels.add(styles.brief(point.arm()), x.at(point.x()), y.clamped(point.y())));
    return svg.with(labels.drawing());
  }

  private void axes(SvgTag svg, Scale x, Scale y, int width, double captionY) {
    double bottom = y.at(y.low());
    double top = y.at(y.high());
    svg.with(Svg.text(0, captionY, Svg.Anchor.START, "label", metric + ", arm − full prefill"));
    for (double tick : y.ticks()) {
      svg.with(Svg.line(LEFT, y.at(tick), width, y.at(tick), tick == 0 ? "reference" : "grid"));
      svg.with(Svg.text(LEFT - 6, y.at(tick) + 4, Svg.Anchor.END, "label", Numbers.tick(tick)));
    }
    for (double tick : x.ticks()) {
      String label = Numbers.tick(tick) + "x";
      double half = Canvas.textWidth(label) / 2;
      double middle = Math.min(x.at(tick), width - half);
      svg.with(Svg.line(x.at(tick), top, x.at(tick), bottom, "grid"));
      svg.with(Svg.text(middle, bottom + 15, Svg.Anchor.MIDDLE, "label", label));
    }
    svg.with(Svg.line(LEFT, bottom, width, bottom, "axis"));
    svg.with(
        Svg.text(
            (LEFT + width) / 2,
            bottom + 32,
            Svg.Anchor.MIDDLE,
            "label",
            "speed-up of time to first token, log scale"));
  }

  private Optional<Double> margin() {
    return points.stream()
        .flatMap(point -> point.difference().stream())
        .map(ScoreDifference::margin)
        .findFirst();
  }

  private void zone(SvgTag svg, PointLabels labels, Scale y, int width) {
    if (margin().isEmpty()) {
      return;
    }
    double bottom = y.at(y.low());
    double edge = y.at(-margin().get());
    svg.with(Svg.rect(LEFT, edge, width - LEFT, bottom - edge, "zone"));
    svg.with(Svg.line(LEFT, edge, width, edge, "margin"));
    String name = "loss greater than the margin of " + Numbers.tick(margin().get());
    double left = LEFT + 6;
    labels.keepClear(left, bottom - 20, left + Canvas.textWidth(name), bottom);
    svg.with(Svg.text(left, bottom - 7, Svg.Anchor.START, "label halo", name));
  }

  /** Labels of the arms by bound, ascending; without bounds far above every measured speed-up. */
  private Map<Double, String> bounds() {
    Map<Double, String> bounds = new TreeMap<>();
    points.forEach(
        point ->
            point
                .bound()
                .filter(bound -> bound <= FAR * greatestSpeedUp())
                .ifPresent(
                    bound ->
                        bounds.merge(
                            Math.round(bound * 1e3) / 1e3,
                            point.arm(),
                            (a, b) -> a.contains(b) ? a : a + ", " + b)));
    return bounds;
  }

  private double greatestSpeedUp() {
    return points.stream().mapToDouble(TradeOffPoint::x).max().orElse(1);
  }

  private static void boundLines(
      SvgTag svg, Scale x, Map<Double, String> bounds, double top, double bottom, int width) {
    double y = top - BOUND_HEIGHT * bounds.size();
    for (Map.Entry<Double, String> bound : bounds.entrySet()) {
      double at = x.at(bound.getKey());
      String name = "bound " + Numbers.ratio(bound.getKey()) + ": " + bound.getValue();
      int room = (int) Math.floor((width - LEFT) / Canvas.textWidth(" "));
      if (name.length() > room) {
        name = name.substring(0, room - 1) + "…";
      }
      double half = Canvas.textWidth(name) / 2;
      double middle = Math.min(Math.max(at, LEFT + half), width - half);
      svg.with(Svg.line(at, y + 14, at, bottom, "bound"));
      svg.with(Svg.text(middle, y + 10, Svg.Anchor.MIDDLE, "label halo", name));
      y += BOUND_HEIGHT;
    }
  }

  private SvgTag trend(List<String> arms, Scale x, Scale y) {
    StringBuilder path = new StringBuilder();
    points.stream()
        .filter(point -> arms.contains(point.arm()))
        .forEach(
            point ->
                path.append(path.isEmpty() ? "M" : "L")
                    .append(Svg.px(x.at(point.x())))
                    .append(' ')
                    .append(Svg.px(y.clamped(point.y()))));
    return Svg.group(styles.colorClass(arms.get(0))).with(Svg.path(path.toString(), "trend"));
  }

  /** The arm in the earlier run, with a line to its current point. */
  private SvgTag change(TradeOffPoint before, Scale x, Scale y) {
    SvgTag group = Svg.group("change");
    double px = x.clamped(before.x());
    double py = y.clamped(before.y());
    points.stream()
        .filter(point -> point.arm().equals(before.arm()))
        .findFirst()
        .ifPresent(
            now ->
                group
                    .with(Svg.line(px, py, x.at(now.x()), y.clamped(now.y()), "earlier"))
                    .with(styles.earlierMarker(before.arm(), px, py))
                    .hint("earlier run, " + hint(before)));
    return group;
  }

  private SvgTag point(TradeOffPoint point, Scale x, Scale y) {
    double px = x.at(point.x());
    double py = y.clamped(point.y());
    SvgTag mean = Svg.group("mean");
    point.speedUp().ifPresent(s -> mean.with(Bars.horizontal(py, x, s.low95(), s.high95())));
    point.difference().ifPresent(d -> mean.with(Bars.vertical(px, y, d.low95(), d.high95())));
    return Svg.group(styles.colorClass(point.arm()))
        .with(mean.with(styles.marker(point.arm(), px, py)).hint(hint(point)));
  }

  private static void keepClear(PointLabels labels, TradeOffPoint point, Scale x, Scale y) {
    double px = x.at(point.x());
    double py = y.clamped(point.y());
    labels.keepClear(px, py);
    point
        .speedUp()
        .filter(s -> Double.isFinite(s.low95()))
        .ifPresent(
            s -> labels.keepClear(x.clamped(s.low95()), py - 2, x.clamped(s.high95()), py + 2));
    point
        .difference()
        .filter(d -> Double.isFinite(d.low95()))
        .ifPresent(
            d -> labels.keepClear(px - 2, y.clamped(d.high95()), px + 2, y.clamped(d.low95())));
  }

  private static String hint(TradeOffPoint point) {
    return Numbers.text(
        "%s: %s%s, %s%s",
        point.arm(),
        Numbers.ratio(point.x()),
        point
            .speedUp()
            .map(s -> brackets(Numbers.interval(s.low95(), s.high95(), Numbers::ratio)))
            .orElse(""),
        Numbers.difference(point.y()),
        point
            .difference()
            .map(d -> brackets(Numbers.interval(d.low95(), d.high95(), Numbers::difference)))
            .orElse(""));
  }

  private static String brackets(String interval) {
    return interval.isEmpty() ? "" : " (" + interval + ")";
  }

  /** Covers all means and bounds, and intervals up to a factor of 1.5 beyond them. */
  private Scale xScale(int width) {
    double[] means =
        DoubleStream.concat(
                DoubleStream.concat(
                    points.stream().mapToDouble(TradeOffPoint::x),
                    earlier.stream().mapToDouble(TradeOffPoint::x)),
                bounds().keySet().stream().mapToDouble(Double::doubleValue))
            .toArray();
    double least = DoubleStream.of(means).min().orElse(1);
    double greatest = DoubleStream.of(means).max().orElse(1);
    double low = least;
    double high = greatest;
    for (TradeOffPoint point : points) {
      if (point.speedUp().isPresent() && Double.isFinite(point.speedUp().get().low95())) {
        low = Math.min(low, Math.max(point.speedUp().get().low95(), least / 1.5));
        high = Math.max(high, Math.min(point.speedUp().get().high95(), greatest * 1.5));
      }
    }
    return Scale.log(low / 1.08, high * 1.08, LEFT, width, width < Canvas.NARROW ? 6 : 10);
  }

  /** Covers all means and the margin, and intervals up to one range beyond them. */
  private Scale yScale(double top, double bottom) {
    double margin = margin().orElse(0.02);
    double least = -1.5 * margin;
    double greatest = 0.5 * margin;
    for (TradeOffPoint point : points) {
      least = Math.min(least, point.y());
      greatest = Math.max(greatest, point.y());
    }
    double range = greatest - least;
    double low = least;
    double high = greatest;
    for (TradeOffPoint point : points) {
      if (point.difference().isPresent() && Double.isFinite(point.difference().get().low95())) {
        low = Math.min(low, Math.max(point.difference().get().low95(), least - range));
        high = Math.max(high, Math.min(point.difference().get().high95(), greatest + range));
      }
    }
    double room = (high - low) * 0.06;
    return Scale.linear(low - room, high + room, bottom, top, 6);
  }
}
