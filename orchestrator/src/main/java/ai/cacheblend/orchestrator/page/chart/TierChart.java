package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.TierPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * TTFT against recompute ratio, a line for each place of the chunks, and full prefill as a level.
 * The points of one prompt shape and selector; full KV reuse is at ratio 0.
 */
final class TierChart {
  private static final double PLOT_HEIGHT = 280;
  private static final double MARGIN = 1.15;

  /** Space beside the lowest and the highest ratio, as a share of the axis. */
  private static final double PADDING = 0.03;

  /** The colour of full prefill in all charts is the first. */
  private static final int FIRST_COLOR = 1;

  private final List<TierPoint> points;
  private final Optional<TierPoint> full;
  private final List<String> places;

  private TierChart(List<TierPoint> points, Optional<TierPoint> full) {
    this.points =
        points.stream()
            .sorted(Comparator.comparingDouble(point -> point.ratio().orElseThrow()))
            .toList();
    this.full = full;
    this.places = points.stream().map(TierPoint::place).distinct().toList();
  }

  /**
   * @param points with a ratio
   * @param full full prefill of the same prompts
   */
  static Chart of(
      String id,
      String selector,
      SweepSummary.Shape shape,
      List<TierPoint> points,
      Optional<TierPoint> full) {
    return new Chart(
        id,
        Numbers.text("TTFT by tier and ratio, %s, %s", selector, SweepCharts.words(shape)),
        "Mean client TTFT and its 95 % interval. Ratio 0 is full_kv_reuse. Hollow points are more"
            + " than 5 % slower than with the chunks on the device: the load is not hidden behind"
            + " the recompute. Above the level of full_prefill, computing is faster than loading.",
        new TierChart(points, full)::draw);
  }

  private SvgTag draw(int width) {
    XyPlot plot =
        new XyPlot(
            "TTFT by recompute ratio and tier",
            width,
            new Legend(entries(), width),
            PLOT_HEIGHT,
            "client TTFT, log scale",
            "recompute ratio");
    double last = points.stream().mapToDouble(p -> p.ratio().orElseThrow()).max().orElse(0);
    double padding = PADDING * Math.max(last, PADDING);
    Scale x = Scale.linear(-padding, last + padding, plot.left(), plot.right(), plot.tickCount());
    Scale y = ttftScale(plot);
    plot.axes(x, y, Numbers::tick, Numbers::tickSeconds);
    full.ifPresent(of -> plot.svg().with(level(of, y, plot)));
    places.forEach(place -> plot.svg().with(line(place, x, y)));
    return plot.svg();
  }

  private Scale ttftScale(XyPlot plot) {
    double low = Double.POSITIVE_INFINITY;
    double high = 0;
    List<TierPoint> all = new ArrayList<>(points);
    full.ifPresent(all::add);
    for (TierPoint point : all) {
      low = Math.min(low, point.clientTtft().mean());
      high = Math.max(high, point.clientTtft().mean());
    }
    return Scale.log(low / MARGIN, high * MARGIN, plot.bottom(), plot.top(), 8);
  }

  private List<Legend.Entry> entries() {
    List<Legend.Entry> entries = new ArrayList<>();
    full.ifPresent(
        of ->
            entries.add(
                new Legend.Entry(
                    of.arm(),
                    (x, y) -> Svg.group("arm0").with(Svg.line(x - 7, y, x + 7, y, "line")))));
    for (String place : places) {
      entries.add(
          new Legend.Entry(
              place,
              (x, y) ->
                  Svg.group(color(place))
                      .with(Svg.line(x - 7, y, x + 7, y, "line" + dash(place)))
                      .with(ArmStyles.marker(places.indexOf(place), x, y, "mark"))));
    }
    if (points.stream().anyMatch(TierPoint::loadVisible)) {
      entries.add(
          new Legend.Entry(
              "more than 5 % above device",
              (x, y) -> Svg.group("neutral").with(ArmStyles.marker(0, x, y, "flagged"))));
    }
    return entries;
  }

  private String color(String place) {
    return "arm" + (FIRST_COLOR + places.indexOf(place)) % ArmStyles.COLOR_COUNT;
  }

  /** Lines of limited rates are dashed. */
  private String dash(String place) {
    boolean limited =
        points.stream()
            .anyMatch(point -> point.place().equals(place) && point.throttle().isPresent());
    return limited ? " dash1" : "";
  }

  private static SvgTag level(TierPoint full, Scale y, XyPlot plot) {
    double at = y.at(full.clientTtft().mean());
    return Svg.group("arm0")
        .with(Svg.line(plot.left(), at, plot.right(), at, "line").hint(hint(full)));
  }

  private SvgTag line(String place, Scale x, Scale y) {
    SvgTag group = Svg.group(color(place));
    StringBuilder path = new StringBuilder();
    List<SvgTag> marks = new ArrayList<>();
    for (TierPoint point : points) {
      if (point.place().equals(place)) {
        Statistics ttft = point.clientTtft();
        double px = x.at(point.ratio().orElseThrow());
        double py = y.at(ttft.mean());
        path.append(path.isEmpty() ? "M" : "L").append(Svg.px(px)).append(' ').append(Svg.px(py));
        marks.add(
            Svg.group("mean")
                .with(Bars.vertical(px, y, ttft.low95(), ttft.high95()))
                .with(
                    ArmStyles.marker(
                        places.indexOf(place), px, py, point.loadVisible() ? "flagged" : "mark"))
                .hint(hint(point)));
      }
    }
    group.with(Svg.path(path.toString(), "line" + dash(place)));
    marks.forEach(group::with);
    return group;
  }

  private static String hint(TierPoint point) {
    Statistics ttft = point.clientTtft();
    return Numbers.text(
        "%s from %s: mean %s, 95 %% %s, n = %d%s%s",
        point.arm(),
        point.place(),
        Numbers.duration(ttft.mean()),
        Numbers.interval(ttft.low95(), ttft.high95(), Numbers::duration),
        ttft.n(),
        point
            .overDevice()
            .map(of -> ", " + Numbers.ratio(of.geometricMean()) + " of device")
            .orElse(""),
        point.hidden().isPresent()
            ? ", load hidden: " + Numbers.percent(point.hidden().getAsDouble())
            : "");
  }
}
