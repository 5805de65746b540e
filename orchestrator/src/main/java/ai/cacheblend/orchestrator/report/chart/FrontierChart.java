package ai.cacheblend.orchestrator.report.chart;

import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.orchestrator.results.ArmFacts;
import ai.cacheblend.orchestrator.results.QualityRun;
import ai.cacheblend.orchestrator.results.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Quality against speed-up, both on the prompts of one data set. */
public final class FrontierChart {
  private static final double PLOT_HEIGHT = 270;
  private static final double AXIS_HEIGHT = 38;
  private static final double LEFT = 52;

  /** One arm; {@code score} minus what bounds the loss gives the ends of its bar. */
  private record Point(
      String arm, SpeedUp speedUp, double score, double lowScore, double highScore) {
    boolean dominatedBy(Point other) {
      return other.score >= score
          && other.speedUp.geometricMean() >= speedUp.geometricMean()
          && (other.score > score || other.speedUp.geometricMean() > speedUp.geometricMean());
    }
  }

  private final ArmStyles styles;
  private final List<Point> points;

  private FrontierChart(ArmStyles styles, List<Point> points) {
    this.styles = styles;
    this.points = points;
  }

  /** Empty where there are fewer than two arms to weigh against full prefill. */
  public static Optional<Chart> of(String id, QualityRun run, ArmStyles styles) {
    List<Point> points = points(run);
    if (points.size() < 3) {
      return Optional.empty();
    }
    return Optional.of(
        new Chart(
            id,
            "Quality against speed-up on " + run.dataset(),
            "Up and right is better. Speed-up: geometric mean of TTFT ratios of the same samples, 95 %"
                + " t interval. Vertical bars: 95 % interval of the loss against full prefill. Dashed:"
                + " arms that no other arm beats in both.",
            new FrontierChart(styles, points)::draw));
  }

  private static List<Point> points(QualityRun run) {
    List<Point> points = new ArrayList<>();
    Optional<ArmFacts> baseline = run.facts().baseline();
    List<Sample> valid = run.samples().stream().filter(Sample::valid).toList();
    if (baseline.isEmpty() || valid.isEmpty()) {
      return points;
    }
    double[] full = ttfts(valid, baseline.get().name());
    double fullScore = run.arms().get(baseline.get().name()).scores().get(run.metric()).mean();
    for (ArmFacts arm : run.facts().arms()) {
      double score = run.arms().get(arm.name()).scores().get(run.metric()).mean();
      Optional<QualityRun.Difference> loss = run.arms().get(arm.name()).difference();
      points.add(
          new Point(
              arm.name(),
              SpeedUp.ofPairs(full, ttfts(valid, arm.name())),
              score,
              fullScore - loss.map(QualityRun.Difference::high95).orElse(0.0),
              fullScore - loss.map(QualityRun.Difference::low95).orElse(0.0)));
    }
    return points;
  }

  private static double[] ttfts(List<Sample> samples, String arm) {
    return samples.stream().mapToDouble(s -> s.answers().get(arm).clientTtft()).toArray();
  }

  private SvgTag draw(int width) {
    Legend legend = Legend.ofArms(points.stream().map(Point::arm).toList(), styles, width);
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
    svg.with(Svg.path(frontier(x, y), "frontier"));
    points.forEach(point -> svg.with(point(point, x, y)));
    return svg;
  }

  private Scale xScale(int width) {
    double high = points.stream().mapToDouble(p -> p.speedUp.geometricMean()).max().orElseThrow();
    double low = points.stream().mapToDouble(p -> p.speedUp.geometricMean()).min().orElseThrow();
    return Scale.log(low / 1.15, high * 1.25, LEFT, width, width < Canvas.NARROW ? 6 : 10);
  }

  private Scale yScale(double top, double bottom) {
    double low = points.stream().mapToDouble(p -> finite(p.lowScore, p.score)).min().orElseThrow();
    double high =
        points.stream().mapToDouble(p -> finite(p.highScore, p.score)).max().orElseThrow();
    double room = Math.max(0.01, (high - low) * 0.06);
    return Scale.linear(low - room, high + room, bottom, top, 6);
  }

  private static double finite(double value, double otherwise) {
    return Double.isFinite(value) ? value : otherwise;
  }

  private String frontier(Scale x, Scale y) {
    StringBuilder path = new StringBuilder();
    points.stream()
        .filter(point -> points.stream().noneMatch(point::dominatedBy))
        .sorted(Comparator.comparingDouble(point -> point.speedUp.geometricMean()))
        .forEach(
            point ->
                path.append(path.isEmpty() ? "M" : "L")
                    .append(Svg.px(x.at(point.speedUp.geometricMean())))
                    .append(' ')
                    .append(Svg.px(y.at(point.score))));
    return path.toString();
  }

  private SvgTag point(Point point, Scale x, Scale y) {
    double px = x.at(point.speedUp.geometricMean());
    double py = y.at(point.score);
    SvgTag mean = Svg.group("mean");
    if (Double.isFinite(point.speedUp.low95())) {
      mean.with(Svg.line(x.at(point.speedUp.low95()), py, x.at(point.speedUp.high95()), py, "bar"));
    }
    if (Double.isFinite(point.lowScore)) {
      mean.with(Svg.line(px, y.at(point.lowScore), px, y.at(point.highScore), "bar"));
    }
    return Svg.group(styles.colorClass(point.arm))
        .with(
            mean.with(styles.marker(point.arm, px, py, 5))
                .hint(
                    Figures.text(
                        "%s: %s, score %.4f",
                        point.arm, Figures.ratio(point.speedUp.geometricMean()), point.score)));
  }
}
