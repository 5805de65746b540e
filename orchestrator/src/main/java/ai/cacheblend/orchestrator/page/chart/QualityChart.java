package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mean score of each arm and its difference from full prefill: two panels with the same rows, side
 * by side on wide pages and stacked on narrow pages.
 */
public final class QualityChart {
  private static final double ROW_HEIGHT = 28;
  private static final double NAME_HEIGHT = 18;
  private static final double AXIS_HEIGHT = 26;
  private static final double HEADING_HEIGHT = 24;
  private static final double GAP = 28;
  private static final double PAD = 14;
  private static final double BETWEEN = 18;

  private final QualityResult run;
  private final Optional<QualityResult> earlier;
  private final ArmStyles styles;
  private final String metric;
  private final List<String> arms;

  private QualityChart(
      QualityResult run, Optional<QualityResult> earlier, String metric, ArmStyles styles) {
    this.run = run;
    this.earlier = earlier;
    this.metric = metric;
    this.styles = styles;
    this.arms =
        run.header().arms().stream().map(PlannedArm::name).filter(run.arms()::containsKey).toList();
  }

  /**
   * Scores and differences of a run.
   *
   * @param metric label of the headline metric
   */
  public static Chart of(
      String id,
      QualityResult run,
      Optional<QualityResult> earlier,
      String metric,
      ArmStyles styles) {
    return new Chart(
        id,
        "Quality on " + run.dataset(),
        "Left: mean score and its 95 % t interval. Right: arm − full prefill, paired by sample, and"
            + " its 95 % confidence interval. Shaded: loss greater than the margin. An arrow marks an"
            + " interval that continues beyond the plot.",
        new QualityChart(run, earlier, metric, styles)::draw);
  }

  private record Point(double value, double low, double high, String hint) {}

  /** The values of one panel, by row; empty for arms without a value. */
  private record Panel(
      String heading, List<Optional<Point>> points, List<Optional<Double>> before, double margin) {
    boolean empty() {
      return points.stream().allMatch(Optional::isEmpty);
    }
  }

  private SvgTag draw(int width) {
    boolean narrow = width < Canvas.NARROW;
    Legend legend = new Legend(earlier.isPresent() ? List.of(Legend.earlier()) : List.of(), width);
    double names =
        narrow ? 0 : arms.stream().mapToDouble(Canvas::textWidth).max().orElse(0) + 18 + GAP;
    List<Panel> panels = new ArrayList<>(List.of(scores()));
    if (!differences().empty()) {
      panels.add(differences());
    }
    double rows = (narrow ? ROW_HEIGHT + NAME_HEIGHT : ROW_HEIGHT) * arms.size();
    double panelHeight = HEADING_HEIGHT + rows + AXIS_HEIGHT;
    double height = narrow ? (panelHeight + BETWEEN) * panels.size() - BETWEEN : panelHeight;
    SvgTag svg =
        Canvas.create(
                width,
                legend.height() + height,
                "Scores on " + run.dataset() + " and differences from full prefill, by arm")
            .with(legend.drawing());
    double panelWidth =
        narrow ? width : (width - names - GAP * (panels.size() - 1)) / panels.size();
    for (int i = 0; i < panels.size(); i++) {
      double left = narrow ? 0 : names + i * (panelWidth + GAP);
      double top = legend.height() + (narrow ? i * (panelHeight + BETWEEN) : 0);
      svg.with(panel(panels.get(i), left, top, panelWidth, narrow));
    }
    if (!narrow) {
      for (int i = 0; i < arms.size(); i++) {
        double y = legend.height() + HEADING_HEIGHT + ROW_HEIGHT * (i + 0.5);
        svg.with(name(arms.get(i), 0, y));
      }
    }
    return svg;
  }

  private SvgTag name(String arm, double x, double middle) {
    return Svg.group(styles.colorClass(arm))
        .with(styles.marker(arm, x + 6, middle))
        .with(Svg.text(x + 16, middle + 4, Svg.Anchor.START, "label", arm));
  }

  private Panel scores() {
    return new Panel(
        "mean " + metric,
        arms.stream().map(arm -> Optional.of(score(arm))).toList(),
        arms.stream()
            .map(arm -> before(arm).map(a -> a.scores().get(run.metric()).mean()))
            .toList(),
        Double.NaN);
  }

  private Panel differences() {
    return new Panel(
        metric + ", arm − full prefill",
        arms.stream()
            .map(arm -> run.arms().get(arm).armMinusFullPrefill().map(d -> difference(arm, d)))
            .toList(),
        arms.stream()
            .map(
                arm ->
                    before(arm)
                        .flatMap(QualitySummary.Arm::armMinusFullPrefill)
                        .map(ScoreDifference::mean))
            .toList(),
        run.arms().values().stream()
            .flatMap(arm -> arm.armMinusFullPrefill().stream())
            .mapToDouble(d -> -d.margin())
            .findFirst()
            .orElse(Double.NaN));
  }

  private Optional<QualitySummary.Arm> before(String arm) {
    return earlier.flatMap(e -> Optional.ofNullable(e.arms().get(arm)));
  }

  private Point score(String arm) {
    Statistics score = run.arms().get(arm).scores().get(run.metric());
    return new Point(
        score.mean(),
        score.low95(),
        score.high95(),
        Numbers.text(
            "%s: mean %s, 95 %% %s, n = %d",
            arm,
            Numbers.score(score.mean()),
            Numbers.interval(score.low95(), score.high95(), Numbers::score),
            score.n()));
  }

  private static Point difference(String arm, ScoreDifference difference) {
    return new Point(
        difference.mean(),
        difference.low95(),
        difference.high95(),
        Numbers.text(
            "%s: %s, 95 %% %s, n = %d",
            arm,
            Numbers.difference(difference.mean()),
            Numbers.interval(difference.low95(), difference.high95(), Numbers::difference),
            difference.n()));
  }

  private SvgTag panel(Panel panel, double left, double top, double width, boolean narrow) {
    double rowHeight = narrow ? ROW_HEIGHT + NAME_HEIGHT : ROW_HEIGHT;
    double plotTop = top + HEADING_HEIGHT;
    double bottom = plotTop + rowHeight * arms.size();
    Scale scale = scale(panel, left + PAD, left + width - PAD, width < 400 ? 4 : 6);
    SvgTag group =
        Svg.group("panel")
            .with(Svg.text(left, top + 13, Svg.Anchor.START, "heading", panel.heading));
    for (double tick : scale.ticks()) {
      group.with(
          Svg.text(scale.at(tick), bottom + 16, Svg.Anchor.MIDDLE, "label", Numbers.tick(tick)));
    }
    group.with(Svg.line(left, bottom, left + width, bottom, "axis"));
    for (int i = 0; i < arms.size(); i++) {
      double rowTop = plotTop + rowHeight * i;
      double laneTop = narrow ? rowTop + NAME_HEIGHT : rowTop;
      if (narrow) {
        group.with(name(arms.get(i), left, rowTop + 9));
      }
      lane(group, panel, scale, left, laneTop, laneTop + ROW_HEIGHT);
      group.with(row(panel, i, scale, laneTop + ROW_HEIGHT / 2));
    }
    return group;
  }

  /** Shaded area and grid of one row only, so that names stay readable. */
  private static void lane(
      SvgTag group, Panel panel, Scale scale, double left, double top, double bottom) {
    if (Double.isFinite(panel.margin)) {
      double edge = scale.at(panel.margin);
      group.with(Svg.rect(left, top, edge - left, bottom - top, "zone"));
      group.with(
          Svg.line(edge, top, edge, bottom, "margin")
              .hint("margin: " + Numbers.tick(-panel.margin)));
    }
    for (double tick : scale.ticks()) {
      double x = scale.at(tick);
      group.with(Svg.line(x, top, x, bottom, tick == 0 ? "reference" : "grid"));
    }
  }

  private SvgTag row(Panel panel, int index, Scale scale, double middle) {
    String arm = arms.get(index);
    SvgTag row = Svg.group(styles.colorClass(arm));
    panel
        .before
        .get(index)
        .ifPresent(
            value ->
                row.with(
                    styles
                        .earlierMarker(arm, scale.clamped(value), middle + 7)
                        .hint(arm + ", earlier run: " + Numbers.three(value))));
    panel
        .points
        .get(index)
        .ifPresent(
            point ->
                row.with(
                    Svg.group("mean")
                        .with(Bars.horizontal(middle, scale, point.low, point.high))
                        .with(styles.marker(arm, scale.at(point.value), middle))
                        .hint(point.hint)));
    return row;
  }

  /** Covers all means and the margin, and intervals up to one range beyond them. */
  private static Scale scale(Panel panel, double from, double to, int ticks) {
    boolean difference = Double.isFinite(panel.margin);
    List<Point> points = panel.points.stream().flatMap(Optional::stream).toList();
    double least = difference ? 1.5 * panel.margin : Double.POSITIVE_INFINITY;
    double greatest = difference ? 0 : Double.NEGATIVE_INFINITY;
    for (Point point : points) {
      least = Math.min(least, point.value);
      greatest = Math.max(greatest, point.value);
    }
    double range = Math.max(greatest - least, 0.05);
    double low = least;
    double high = greatest;
    for (Point point : points) {
      if (Double.isFinite(point.low)) {
        low = Math.min(low, Math.max(point.low, least - range));
        high = Math.max(high, Math.min(point.high, greatest + range));
      }
    }
    double room = Math.max(0.01, (high - low) * 0.06);
    return Scale.linear(low - room, high + room, from, to, ticks);
  }
}
