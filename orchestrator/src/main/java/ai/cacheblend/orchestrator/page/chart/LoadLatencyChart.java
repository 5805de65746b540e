package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.metrics.Interval;
import ai.cacheblend.orchestrator.records.LatencyStatistics;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Two percentiles of a latency against a quantity of the levels, both on log scales. */
final class LoadLatencyChart {
  private static final double PLOT_HEIGHT = 260;
  private static final double MARGIN = 1.25;

  /**
   * What is drawn.
   *
   * @param lower percent of the thin line; 0 for none
   * @param upper percent of the line with marks
   * @param limit of the upper percentile, in seconds
   * @param capacities to mark on the x axis
   */
  record Subject(
      String title,
      String yName,
      Function<LoadSummary.Level, Optional<LatencyStatistics>> latency,
      int lower,
      int upper,
      String xName,
      ToDoubleFunction<LoadSummary.Level> x,
      Optional<LoadSummary.Limit> limit,
      List<LoadCapacity> capacities) {}

  private final Subject subject;
  private final List<LoadSummary.Level> levels;
  private final List<String> arms;
  private final ArmStyles styles;

  LoadLatencyChart(Subject subject, List<LoadSummary.Level> levels, ArmStyles styles) {
    this.subject = subject;
    this.levels =
        levels.stream()
            .filter(level -> subject.latency.apply(level).isPresent() && x(subject, level) > 0)
            .toList();
    this.arms = this.levels.stream().map(LoadSummary.Level::arm).distinct().toList();
    this.styles = styles;
  }

  private static double x(Subject subject, LoadSummary.Level level) {
    return subject.x.applyAsDouble(level);
  }

  private double value(LoadSummary.Level level, int percent) {
    return percent == 0
        ? Double.NaN
        : subject.latency.apply(level).orElseThrow().percentile(percent);
  }

  SvgTag draw(int width) {
    XyPlot plot =
        new XyPlot(
            subject.title,
            width,
            new Legend(entries(), width),
            PLOT_HEIGHT,
            subject.yName + ", log scale",
            subject.xName + ", log scale");
    double[] ys =
        levels.stream()
            .flatMap(
                level -> List.of(value(level, subject.lower), value(level, subject.upper)).stream())
            .mapToDouble(Double::doubleValue)
            .filter(y -> y > 0)
            .toArray();
    if (ys.length == 0) {
      return plot.svg();
    }
    double[] xs = levels.stream().mapToDouble(level -> x(subject, level)).toArray();
    Scale x = log(xs, Optional.empty(), plot.left(), plot.right(), plot.tickCount());
    Scale y = log(ys, subject.limit.map(LoadSummary.Limit::seconds), plot.bottom(), plot.top(), 8);
    plot.axes(x, y, Numbers::tick, Numbers::tickSeconds);
    subject.limit.ifPresent(limit -> plot.level(y.at(limit.seconds()), "margin"));
    arms.forEach(arm -> plot.svg().with(arm(arm, x, y)));
    subject.capacities.forEach(of -> plot.svg().with(capacity(of, x, plot)));
    return plot.svg();
  }

  private static Scale log(
      double[] values, Optional<Double> also, double from, double to, int ticks) {
    double low = also.orElse(Double.POSITIVE_INFINITY);
    double high = also.orElse(0.0);
    for (double value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return Scale.log(low / MARGIN, high * MARGIN, from, to, ticks);
  }

  private List<Legend.Entry> entries() {
    List<Legend.Entry> entries = new ArrayList<>(Legend.arms(arms, styles));
    if (subject.lower > 0) {
      entries.add(
          new Legend.Entry(
              "p" + subject.lower,
              (x, y) -> Svg.group("neutral").with(Svg.line(x - 7, y, x + 7, y, "line dash1"))));
    }
    entries.add(
        new Legend.Entry(
            "p" + subject.upper,
            (x, y) -> Svg.group("neutral").with(Svg.line(x - 7, y, x + 7, y, "line"))));
    subject.limit.ifPresent(
        limit ->
            entries.add(
                new Legend.Entry(
                    "objective " + limit.text(),
                    (x, y) -> Svg.line(x - 7, y, x + 7, y, "margin"))));
    if (!subject.capacities.isEmpty()) {
      entries.add(
          new Legend.Entry(
              "highest rate that meets the objective",
              (x, y) -> Svg.group("neutral").with(Svg.line(x - 7, y, x + 7, y, "line dash2"))));
    }
    return entries;
  }

  /** A vertical line; its hint has the interval. */
  private SvgTag capacity(LoadCapacity capacity, Scale x, XyPlot plot) {
    SvgTag group = Svg.group(styles.colorClass(capacity.arm()));
    capacity
        .estimate()
        .ifPresent(
            estimate ->
                group.with(
                    Svg.line(
                            x.at(estimate.rate()),
                            plot.top(),
                            x.at(estimate.rate()),
                            plot.bottom(),
                            "line dash2")
                        .hint(
                            Numbers.text(
                                "%s meets the objective up to %s requests per second (95 %%: %s)",
                                capacity.arm(),
                                Numbers.three(estimate.rate()),
                                Numbers.interval(
                                    capacity.low(), capacity.high(), Numbers::three)))));
    return group;
  }

  private SvgTag arm(String arm, Scale x, Scale y) {
    List<LoadSummary.Level> of = levels.stream().filter(l -> l.arm().equals(arm)).toList();
    SvgTag group = Svg.group(styles.colorClass(arm));
    group.with(line(of, subject.lower, x, y, "line dash1"));
    group.with(line(of, subject.upper, x, y, "line"));
    for (LoadSummary.Level level : of) {
      double upper = value(level, subject.upper);
      if (upper > 0) {
        group.with(mark(level, upper, x, y));
      }
    }
    return group;
  }

  private SvgTag mark(LoadSummary.Level level, double upper, Scale x, Scale y) {
    double at = x.at(x(subject, level));
    Optional<Interval> interval =
        subject.latency.apply(level).orElseThrow().percentiles().get(subject.upper).interval();
    return Svg.group("mean")
        .with(
            interval
                .map(i -> Bars.vertical(at, y, Math.max(i.low(), y.low()), i.high()))
                .orElse(Svg.group("interval")))
        .with(styles.marker(level.arm(), at, y.at(upper)))
        .hint(
            Numbers.text(
                "%s, %s: p%d %s%s, %s answers per second",
                level.arm(),
                level.loadText(),
                subject.upper,
                Numbers.duration(upper),
                interval
                    .map(i -> ", 95 %: " + Numbers.interval(i.low(), i.high(), Numbers::duration))
                    .orElse(""),
                Numbers.three(level.throughput().requestsPerSecond())));
  }

  private SvgTag line(List<LoadSummary.Level> of, int percent, Scale x, Scale y, String classes) {
    StringBuilder path = new StringBuilder();
    for (LoadSummary.Level level : of) {
      double value = value(level, percent);
      if (value > 0) {
        path.append(path.length() == 0 ? "M" : "L")
            .append(Svg.px(x.at(x(subject, level))))
            .append(' ')
            .append(Svg.px(y.at(value)));
      }
    }
    return path.length() == 0 ? Svg.group("neutral") : Svg.path(path.toString(), classes);
  }
}
