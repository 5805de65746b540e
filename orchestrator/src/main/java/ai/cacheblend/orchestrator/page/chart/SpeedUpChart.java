package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.List;
import java.util.Optional;

/** Full prefill's TTFT over each arm's, by length. */
public final class SpeedUpChart {
  private static final double PLOT_HEIGHT = 210;
  private static final double HEADROOM = 1.1;

  private final TtftResult run;
  private final ArmStyles styles;
  private final List<String> arms;

  private SpeedUpChart(TtftResult run, ArmStyles styles) {
    this.run = run;
    this.styles = styles;
    this.arms =
        run.header().arms().stream()
            .map(PlannedArm::name)
            .filter(arm -> run.rows().stream().anyMatch(row -> speedUp(row, arm).isPresent()))
            .toList();
  }

  /** Empty where the run has no full prefill to compare with. */
  public static Optional<Chart> of(String id, TtftResult run, ArmStyles styles) {
    SpeedUpChart chart = new SpeedUpChart(run, styles);
    if (chart.arms.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Chart(
            id,
            "Speed-up against full prefill",
            "Logarithmic scale. Geometric mean of the ratios of the blocks, and its 95 % t interval.",
            chart::draw));
  }

  private static Optional<SpeedUpStatistics> speedUp(TtftSummary.Row row, String arm) {
    return Optional.ofNullable(row.arms().get(arm)).flatMap(TtftSummary.Arm::speedUp);
  }

  private SvgTag draw(int width) {
    BandPlot plot =
        new BandPlot(
            "Speed-up against full prefill by prompt length",
            width,
            Legend.ofArms(arms, styles, width),
            PLOT_HEIGHT,
            run.rows().stream().map(TtftSummary.Row::length).toList());
    Scale scale = scale(plot.bottom());
    plot.axes(scale, tick -> Figures.tick(tick) + "x");
    plot.svg().with(Svg.line(plot.plotLeft(), scale.at(1), plot.width(), scale.at(1), "reference"));
    for (String arm : arms) {
      plot.svg().with(arm(plot, scale, arm));
    }
    return plot.svg();
  }

  private Scale scale(double bottom) {
    double low = 1;
    double high = 1;
    for (TtftSummary.Row row : run.rows()) {
      for (String arm : arms) {
        if (speedUp(row, arm).isPresent()) {
          SpeedUpStatistics figures = speedUp(row, arm).orElseThrow();
          low = Math.min(low, end(figures.low95(), figures));
          high = Math.max(high, end(figures.high95(), figures));
        }
      }
    }
    return Scale.log(low / HEADROOM, high * HEADROOM, bottom, bottom - PLOT_HEIGHT, 8);
  }

  private static double end(double end, SpeedUpStatistics figures) {
    return Double.isFinite(end) ? end : figures.geometricMean();
  }

  private SvgTag arm(BandPlot plot, Scale scale, String arm) {
    SvgTag group = Svg.group(styles.colorClass(arm));
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < run.rows().size(); i++) {
      Optional<SpeedUpStatistics> figures = speedUp(run.rows().get(i), arm);
      if (figures.isEmpty()) {
        continue;
      }
      double x = plot.place(i, arms.indexOf(arm), arms.size());
      line.append(line.isEmpty() ? "M" : "L")
          .append(Svg.px(x))
          .append(' ')
          .append(Svg.px(scale.at(figures.get().geometricMean())));
      group.with(point(arm, run.rows().get(i).length(), figures.get(), scale, x));
    }
    return Svg.group(styles.colorClass(arm)).with(Svg.path(line.toString(), "trend")).with(group);
  }

  private SvgTag point(String arm, int length, SpeedUpStatistics figures, Scale scale, double x) {
    return Svg.group("mean")
        .with(
            Svg.line(
                x,
                scale.at(end(figures.low95(), figures)),
                x,
                scale.at(end(figures.high95(), figures)),
                "bar"))
        .with(styles.marker(arm, x, scale.at(figures.geometricMean()), 4))
        .hint(
            Figures.text(
                "%s, %d tokens: %s, 95 %% %s, n = %d",
                arm,
                length,
                Figures.ratio(figures.geometricMean()),
                Figures.interval("%.2f", figures.low95(), figures.high95()),
                figures.n()));
  }
}
