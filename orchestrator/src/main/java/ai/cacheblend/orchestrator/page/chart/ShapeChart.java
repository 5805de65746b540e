package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Speed-up by prompt length and chunk size: a panel for each selector, a line for each ratio. */
final class ShapeChart {
  private static final double PLOT_HEIGHT = 190;
  private static final double HEADING_HEIGHT = 44;
  private static final double AXIS_HEIGHT = 44;
  private static final double LEFT = 44;
  private static final double GAP = 26;

  /** Space for the name of a line after its end. */
  private static final double NAME_WIDTH = 40;

  private static final double NAME_HEIGHT = 14;

  /** Intervals are clipped at this ratio from their mean. */
  private static final double CUT = 1.5;

  private final ArmStyles styles;
  private final List<SweepSummary.Point> points;
  private final List<Integer> chunkSizes;
  private final Map<String, List<String>> families;

  private ShapeChart(SweepResult run, ArmStyles styles) {
    this.styles = styles;
    // Speed is the same for all data sets.
    this.points =
        run.points().stream()
            .filter(point -> point.speedUp().isPresent())
            .filter(point -> point.dataset().equals(run.datasets().get(0)))
            .sorted(Comparator.comparingInt(point -> point.shape().length()))
            .toList();
    this.chunkSizes =
        points.stream().map(point -> point.shape().chunkTokens()).distinct().sorted().toList();
    this.families =
        styles.families(points.stream().map(SweepSummary.Point::arm).distinct().toList());
  }

  static Chart of(String id, SweepResult run, ArmStyles styles) {
    return new Chart(
        id,
        "Speed-up by prompt length and chunk size",
        "Logarithmic scales. Geometric mean of the ratios of the blocks, and its 95 % t interval. Each"
            + " line is a recompute ratio, named at its end.",
        new ShapeChart(run, styles)::draw);
  }

  private SvgTag draw(int width) {
    List<Legend.Entry> entries = new ArrayList<>();
    chunkSizes.forEach(
        size ->
            entries.add(
                new Legend.Entry(
                    "chunks of " + size + " tokens",
                    (x, y) -> Svg.line(x - 7, y, x + 7, y, "axis " + dash(size)))));
    List<String> arms = points.stream().map(SweepSummary.Point::arm).distinct().toList();
    styles
        .byRatio(arms)
        .forEach(
            (ratio, arm) ->
                entries.add(
                    new Legend.Entry(
                        "ratio " + ratio,
                        (x, y) -> Svg.group("neutral").with(styles.marker(arm, x, y)))));
    Legend legend = new Legend(entries, width);
    int columns = width < Canvas.NARROW ? 1 : Math.min(2, families.size());
    double panelWidth = (width - (columns - 1) * GAP) / columns;
    double panelHeight = HEADING_HEIGHT + PLOT_HEIGHT + AXIS_HEIGHT;
    int rows = (families.size() + columns - 1) / columns;
    SvgTag svg =
        Canvas.create(
                width, legend.height() + rows * panelHeight, "Speed-up by prompt length, by arm")
            .with(legend.drawing());
    int index = 0;
    for (Map.Entry<String, List<String>> family : families.entrySet()) {
      double left = index % columns * (panelWidth + GAP);
      double top = legend.height() + Math.floorDiv(index, columns) * panelHeight;
      svg.with(panel(family.getKey(), family.getValue(), left, top, panelWidth));
      index++;
    }
    return svg;
  }

  private String dash(int chunkTokens) {
    return "dash" + Math.min(chunkSizes.indexOf(chunkTokens), 3);
  }

  private SvgTag panel(String family, List<String> arms, double left, double top, double width) {
    double plotTop = top + HEADING_HEIGHT;
    double bottom = plotTop + PLOT_HEIGHT;
    Scale x = xScale(left + LEFT + 10, left + width - NAME_WIDTH);
    Scale y = yScale(bottom, plotTop);
    SvgTag panel =
        Svg.group("panel")
            .with(Svg.text(left, top + 14, Svg.Anchor.START, "heading", family))
            .with(Svg.text(left, top + 32, Svg.Anchor.START, "label", "speed-up, log scale"));
    for (double tick : y.ticks()) {
      String line = tick == 1 ? "reference" : "grid";
      panel.with(Svg.line(left + LEFT, y.at(tick), left + width, y.at(tick), line));
      panel.with(
          Svg.text(
              left + LEFT - 6, y.at(tick) + 4, Svg.Anchor.END, "label", Numbers.tick(tick) + "x"));
    }
    panel.with(Svg.line(left + LEFT, bottom, left + width, bottom, "axis"));
    lengthLabels(panel, x, bottom);
    panel.with(
        Svg.text(
            left + (LEFT + width) / 2, bottom + 32, Svg.Anchor.MIDDLE, "label", "prompt tokens"));
    double lastName = Double.NEGATIVE_INFINITY;
    for (String arm : arms) {
      SvgTag group = Svg.group(styles.colorClass(arm));
      chunkSizes.forEach(size -> group.with(line(arm, size, x, y)));
      SweepSummary.Point end = last(arm);
      double at = y.at(speedUp(end).geometricMean());
      if (Math.abs(at - lastName) >= NAME_HEIGHT) {
        group.with(
            Svg.text(
                x.at(end.shape().length()) + 8,
                at + 4,
                Svg.Anchor.START,
                "label halo",
                arm.equals(styles.brief(arm)) ? "" : styles.brief(arm)));
        lastName = at;
      }
      panel.with(group);
    }
    return panel;
  }

  private void lengthLabels(SvgTag panel, Scale x, double bottom) {
    double free = Double.NEGATIVE_INFINITY;
    for (int length : points.stream().map(p -> p.shape().length()).distinct().toList()) {
      String text = Integer.toString(length);
      double half = Canvas.textWidth(text) / 2;
      panel.with(Svg.line(x.at(length), bottom, x.at(length), bottom + 4, "axis"));
      if (x.at(length) - half > free) {
        panel.with(Svg.text(x.at(length), bottom + 16, Svg.Anchor.MIDDLE, "label", text));
        free = x.at(length) + half + 4;
      }
    }
  }

  private SweepSummary.Point last(String arm) {
    List<SweepSummary.Point> of = points.stream().filter(p -> p.arm().equals(arm)).toList();
    return of.get(of.size() - 1);
  }

  private SvgTag line(String arm, int chunkTokens, Scale x, Scale y) {
    SvgTag group = Svg.group("line");
    StringBuilder path = new StringBuilder();
    List<SvgTag> marks = new ArrayList<>();
    for (SweepSummary.Point point : points) {
      if (!point.arm().equals(arm) || point.shape().chunkTokens() != chunkTokens) {
        continue;
      }
      SpeedUpStatistics speedUp = speedUp(point);
      double px = x.at(point.shape().length());
      double py = y.at(speedUp.geometricMean());
      path.append(path.isEmpty() ? "M" : "L").append(Svg.px(px)).append(' ').append(Svg.px(py));
      SvgTag mark = Svg.group("mean");
      mark.with(Bars.vertical(px, y, speedUp.low95(), speedUp.high95()));
      marks.add(mark.with(styles.marker(arm, px, py)).hint(hint(point, speedUp)));
    }
    group.with(Svg.path(path.toString(), "trend " + dash(chunkTokens)));
    marks.forEach(group::with);
    return group;
  }

  private static String hint(SweepSummary.Point point, SpeedUpStatistics speedUp) {
    return Numbers.text(
        "%s, %s: %s, 95 %% %s",
        point.arm(),
        SweepCharts.words(point.shape()),
        Numbers.ratio(speedUp.geometricMean()),
        Numbers.interval(speedUp.low95(), speedUp.high95(), Numbers::ratio));
  }

  private static SpeedUpStatistics speedUp(SweepSummary.Point point) {
    return point.speedUp().orElseThrow();
  }

  private Scale xScale(double from, double to) {
    double low = points.get(0).shape().length();
    double high = points.get(points.size() - 1).shape().length();
    // With a single prompt length, the points are centred.
    return low < high
        ? Scale.log(low, high, from, to, 1)
        : Scale.log(low / 2, high * 2, from, to, 1);
  }

  private Scale yScale(double bottom, double top) {
    double low = 1;
    double high = 1;
    for (SweepSummary.Point point : points) {
      SpeedUpStatistics speedUp = speedUp(point);
      low = Math.min(low, low(speedUp));
      high = Math.max(high, high(speedUp));
    }
    return Scale.log(low / 1.1, high * 1.1, bottom, top, 7);
  }

  private static double low(SpeedUpStatistics speedUp) {
    return end(speedUp.low95(), speedUp.geometricMean());
  }

  private static double high(SpeedUpStatistics speedUp) {
    return end(speedUp.high95(), speedUp.geometricMean());
  }

  private static double end(double end, double mean) {
    return Double.isFinite(end) ? Math.min(Math.max(end, mean / CUT), mean * CUT) : mean;
  }
}
