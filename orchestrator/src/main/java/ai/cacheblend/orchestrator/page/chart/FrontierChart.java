package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Quality against speed-up. */
public final class FrontierChart {
  private static final double PLOT_HEIGHT = 300;
  private static final double AXIS_HEIGHT = 38;
  private static final double LEFT = 52;

  /** More have thinner bars. */
  private static final int FEW = 6;

  private final ArmStyles styles;
  private final List<FrontierPoint> points;

  private FrontierChart(ArmStyles styles, List<FrontierPoint> points) {
    this.styles = styles;
    this.points = points;
  }

  /**
   * Both on the prompts of one data set; empty where there are fewer than two arms to weigh against
   * full prefill.
   */
  public static Optional<Chart> of(String id, QualityResult run, ArmStyles styles) {
    List<FrontierPoint> points = FrontierPoint.of(run);
    if (points.size() < 3) {
      return Optional.empty();
    }
    return Optional.of(
        new Chart(
            id,
            "Quality against speed-up on " + run.dataset(),
            "Up and right is better. Speed-up: geometric mean of TTFT ratios of the same samples, 95 %"
                + " t interval. Vertical bars: 95 % interval of the difference to full prefill. Dashed:"
                + " arms that no other arm beats in both.",
            new FrontierChart(styles, points)::draw));
  }

  /** Of the arms of a sweep with one data set and prompt shape. */
  static Chart of(String id, String title, List<SweepSummary.Point> points, ArmStyles styles) {
    return new Chart(
        id,
        title,
        "Up and right is better. Bars: 95 % interval of the speed-up, and of the difference to full"
            + " prefill. Dashed: the frontier of the means. Thin lines: arms that differ in their"
            + " ratio alone.",
        new FrontierChart(styles, FrontierPoint.of(points))::draw);
  }

  private SvgTag draw(int width) {
    Legend legend =
        Legend.ofFamilies(points.stream().map(FrontierPoint::arm).toList(), styles, width);
    double top = legend.height() + 6;
    double bottom = top + PLOT_HEIGHT;
    SvgTag svg =
        Canvas.create(width, bottom + AXIS_HEIGHT, "Quality against speed-up, by arm")
            .with(legend.drawing());
    Scale x = xScale(width);
    Scale y = yScale(top, bottom);
    for (double tick : y.ticks()) {
      svg.with(Svg.line(LEFT, y.at(tick), width, y.at(tick), "grid"));
      svg.with(Svg.text(LEFT - 6, y.at(tick) + 4, Svg.Anchor.END, "label", Figures.tick(tick)));
    }
    for (double tick : x.ticks()) {
      svg.with(Svg.line(x.at(tick), top, x.at(tick), bottom, "grid"));
      svg.with(
          Svg.text(x.at(tick), bottom + 15, Svg.Anchor.MIDDLE, "label", Figures.tick(tick) + "x"));
    }
    svg.with(Svg.line(LEFT, bottom, width, bottom, "axis"));
    svg.with(Svg.text((LEFT + width) / 2, bottom + 32, Svg.Anchor.MIDDLE, "label", "speed-up"));
    svg.with(Svg.path(path(frontier(), x, y), "frontier"));
    styles
        .families(points.stream().map(FrontierPoint::arm).toList())
        .forEach((family, arms) -> svg.with(family(arms, x, y)));
    SvgTag marks = Svg.group(points.size() > FEW ? "many" : "few");
    points.forEach(point -> marks.with(point(point, x, y)));
    svg.with(marks);
    PointLabels labels = new PointLabels(LEFT, width, top, bottom);
    points.forEach(point -> labels.keepClear(x.at(point.speedUp()), y.at(point.score())));
    // Those of the frontier come first: there may not be room for all.
    Stream.concat(
            points.stream().filter(FrontierPoint::onFrontier),
            points.stream().filter(p -> !p.onFrontier()))
        .forEach(
            point ->
                labels.add(styles.brief(point.arm()), x.at(point.speedUp()), y.at(point.score())));
    return svg.with(labels.drawing());
  }

  private List<FrontierPoint> frontier() {
    return points.stream()
        .filter(FrontierPoint::onFrontier)
        .sorted(Comparator.comparingDouble(FrontierPoint::speedUp))
        .toList();
  }

  private SvgTag family(List<String> arms, Scale x, Scale y) {
    List<FrontierPoint> members =
        points.stream().filter(point -> arms.contains(point.arm())).toList();
    return Svg.group(styles.colorClass(arms.get(0))).with(Svg.path(path(members, x, y), "trend"));
  }

  private static String path(List<FrontierPoint> through, Scale x, Scale y) {
    StringBuilder path = new StringBuilder();
    through.forEach(
        point ->
            path.append(path.isEmpty() ? "M" : "L")
                .append(Svg.px(x.at(point.speedUp())))
                .append(' ')
                .append(Svg.px(y.at(point.score()))));
    return path.toString();
  }

  private Scale xScale(int width) {
    double low = points.stream().mapToDouble(FrontierChart::lowSpeedUp).min().orElseThrow();
    double high = points.stream().mapToDouble(FrontierChart::highSpeedUp).max().orElseThrow();
    return Scale.log(low / 1.1, high * 1.15, LEFT, width, width < Canvas.NARROW ? 6 : 10);
  }

  private static double lowSpeedUp(FrontierPoint point) {
    return SpeedUpBar.low(point.speedUp(), point.lowSpeedUp());
  }

  private static double highSpeedUp(FrontierPoint point) {
    return SpeedUpBar.high(point.speedUp(), point.highSpeedUp());
  }

  private Scale yScale(double top, double bottom) {
    double low =
        points.stream().mapToDouble(p -> finite(p.lowScore(), p.score())).min().orElseThrow();
    double high =
        points.stream().mapToDouble(p -> finite(p.highScore(), p.score())).max().orElseThrow();
    double room = Math.max(0.01, (high - low) * 0.06);
    return Scale.linear(low - room, high + room, bottom, top, 6);
  }

  private static double finite(double value, double otherwise) {
    return Double.isFinite(value) ? value : otherwise;
  }

  private SvgTag point(FrontierPoint point, Scale x, Scale y) {
    double px = x.at(point.speedUp());
    double py = y.at(point.score());
    SvgTag mean = Svg.group("mean");
    if (Double.isFinite(point.lowSpeedUp())) {
      mean.with(Svg.line(x.at(lowSpeedUp(point)), py, x.at(highSpeedUp(point)), py, "bar"));
    }
    if (Double.isFinite(point.lowScore())) {
      mean.with(Svg.line(px, y.at(point.lowScore()), px, y.at(point.highScore()), "bar"));
    }
    return Svg.group(styles.colorClass(point.arm()))
        .with(
            mean.with(styles.marker(point.arm(), px, py, 5))
                .hint(
                    Figures.text(
                        "%s: %s, score %.4f",
                        point.arm(), Figures.ratio(point.speedUp()), point.score())));
  }
}
