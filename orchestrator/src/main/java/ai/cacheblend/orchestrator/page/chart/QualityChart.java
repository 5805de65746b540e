package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.Statistics;
import java.util.List;

/** Mean score of each arm and its difference to full prefill, side by side on wide pages. */
public final class QualityChart {
  private static final double ROW_HEIGHT = 36;
  private static final double LABEL_HEIGHT = 18;
  private static final double AXIS_HEIGHT = 40;
  private static final double HEADING_HEIGHT = 22;
  private static final double GAP = 28;
  private static final double PAD = 12;

  private final QualityResult run;
  private final ArmStyles styles;
  private final List<String> arms;

  private QualityChart(QualityResult run, ArmStyles styles) {
    this.run = run;
    this.styles = styles;
    this.arms =
        run.header().arms().stream().map(PlannedArm::name).filter(run.arms()::containsKey).toList();
  }

  public static Chart of(String id, QualityResult run, ArmStyles styles) {
    return new Chart(
        id,
        "Quality on " + run.dataset(),
        "Mean score with its 95 % t interval; difference: arm minus full prefill, paired by sample, with"
            + " its 95 % confidence interval. Dashed: the margin. Left of it, the loss is too large.",
        new QualityChart(run, styles)::draw);
  }

  private record Point(String arm, double value, double low, double high, String hint) {}

  private record Panel(String heading, List<Point> points, double margin) {}

  private SvgTag draw(int width) {
    boolean narrow = width < Canvas.NARROW;
    Panel scores =
        new Panel("mean " + run.metric(), arms.stream().map(this::score).toList(), Double.NaN);
    Panel differences =
        new Panel(
            "difference to full prefill",
            arms.stream()
                .filter(a -> run.arms().get(a).armMinusFullPrefill().isPresent())
                .map(this::difference)
                .toList(),
            margin());
    double panelWidth = narrow ? width : (width - GAP) / 2;
    double scoresHeight = height(scores);
    double height =
        narrow ? scoresHeight + height(differences) : Math.max(scoresHeight, height(differences));
    SvgTag svg =
        Canvas.create(
                width,
                height,
                "Scores on " + run.dataset() + " and differences to full prefill, by arm")
            .with(panel(scores, 0, 0, panelWidth));
    if (!differences.points.isEmpty()) {
      svg.with(
          panel(differences, narrow ? 0 : panelWidth + GAP, narrow ? scoresHeight : 0, panelWidth));
    }
    return svg;
  }

  private double margin() {
    return run.arms().values().stream()
        .flatMap(arm -> arm.armMinusFullPrefill().stream())
        .mapToDouble(difference -> -difference.margin())
        .findFirst()
        .orElse(Double.NaN);
  }

  private static double height(Panel panel) {
    return panel.points.isEmpty()
        ? 0
        : HEADING_HEIGHT + ROW_HEIGHT * panel.points.size() + AXIS_HEIGHT;
  }

  private Point score(String arm) {
    Statistics score = run.arms().get(arm).scores().get(run.metric());
    return new Point(
        arm,
        score.mean(),
        score.low95(),
        score.high95(),
        Figures.text(
            "%s: mean %.4f, 95 %% %s, n = %d",
            arm, score.mean(), Figures.interval("%.4f", score.low95(), score.high95()), score.n()));
  }

  private Point difference(String arm) {
    ScoreDifference difference = run.arms().get(arm).armMinusFullPrefill().orElseThrow();
    return new Point(
        arm,
        difference.mean(),
        difference.low95(),
        difference.high95(),
        Figures.text(
            "%s: %+.4f, 95 %% %s, n = %d, permutation p = %.4f",
            arm,
            difference.mean(),
            Figures.interval("%+.4f", difference.low95(), difference.high95()),
            difference.n(),
            difference.permutationP()));
  }

  private SvgTag panel(Panel panel, double left, double top, double width) {
    double bottom = top + HEADING_HEIGHT + ROW_HEIGHT * panel.points.size();
    Scale scale = scale(panel, left + PAD, left + width - PAD, width < 300 ? 4 : 6);
    SvgTag group =
        Svg.group("panel")
            .with(Svg.text(left, top + 13, Svg.Anchor.START, "heading", panel.heading));
    for (double tick : scale.ticks()) {
      group.with(
          Svg.text(scale.at(tick), bottom + 16, Svg.Anchor.MIDDLE, "label", Figures.tick(tick)));
    }
    group.with(Svg.line(left, bottom, left + width, bottom, "axis"));
    double y = top + HEADING_HEIGHT;
    for (Point point : panel.points) {
      lane(group, panel, scale, y);
      group.with(row(point, scale, left, y));
      y += ROW_HEIGHT;
    }
    return group;
  }

  /** The grid beside a row's marks alone: its label above stays readable. */
  private static void lane(SvgTag group, Panel panel, Scale scale, double y) {
    double top = y + LABEL_HEIGHT;
    double bottom = y + ROW_HEIGHT;
    for (double tick : scale.ticks()) {
      double x = scale.at(tick);
      group.with(Svg.line(x, top, x, bottom, tick == 0 ? "reference" : "grid"));
    }
    if (Double.isFinite(panel.margin)) {
      double x = scale.at(panel.margin);
      group.with(
          Svg.line(x, top, x, bottom, "margin").hint("margin: " + Figures.tick(-panel.margin)));
    }
  }

  private SvgTag row(Point point, Scale scale, double left, double y) {
    double middle = y + (LABEL_HEIGHT + ROW_HEIGHT) / 2;
    SvgTag mean = Svg.group("mean");
    if (Double.isFinite(point.low)) {
      mean.with(Svg.line(scale.at(point.low), middle, scale.at(point.high), middle, "bar"));
    }
    mean.with(styles.marker(point.arm, scale.at(point.value), middle, 4.5)).hint(point.hint);
    return Svg.group(styles.colorClass(point.arm))
        .with(Svg.text(left, y + 13, Svg.Anchor.START, "label", point.arm))
        .with(mean);
  }

  private static Scale scale(Panel panel, double from, double to, int ticks) {
    double low = Double.isFinite(panel.margin) ? panel.margin : Double.POSITIVE_INFINITY;
    double high = Double.isFinite(panel.margin) ? 0 : Double.NEGATIVE_INFINITY;
    for (Point point : panel.points) {
      low = Math.min(low, Double.isFinite(point.low) ? point.low : point.value);
      high = Math.max(high, Double.isFinite(point.high) ? point.high : point.value);
    }
    double room = Math.max(0.01, (high - low) * 0.06);
    return Scale.linear(low - room, high + room, from, to, ticks);
  }
}
