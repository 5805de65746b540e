package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Speed-up of each arm over full prefill, by length. */
public final class SpeedUpChart {
  private static final double PLOT_HEIGHT = 210;
  private static final double HEADROOM = 1.1;

  /** Intervals are clipped at this ratio from their mean. */
  private static final double CUT = 1.5;

  private final TtftResult run;
  private final Optional<TtftResult> earlier;
  private final ArmStyles styles;
  private final List<String> arms;

  private SpeedUpChart(TtftResult run, Optional<TtftResult> earlier, ArmStyles styles) {
    this.run = run;
    this.earlier = earlier;
    this.styles = styles;
    this.arms =
        run.header().arms().stream()
            .map(PlannedArm::name)
            .filter(arm -> run.rows().stream().anyMatch(row -> speedUp(row, arm).isPresent()))
            .toList();
  }

  /** Empty if the run has no full prefill. */
  public static Optional<Chart> of(
      String id, TtftResult run, Optional<TtftResult> earlier, ArmStyles styles) {
    SpeedUpChart chart = new SpeedUpChart(run, earlier, styles);
    if (chart.arms.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Chart(
            id,
            "Speed-up over full prefill",
            "Logarithmic scale. Geometric mean of the ratios of the blocks, and its 95 % t interval.",
            chart::draw));
  }

  private static Optional<SpeedUpStatistics> speedUp(TtftSummary.Row row, String arm) {
    return Optional.ofNullable(row.arms().get(arm)).flatMap(TtftSummary.Arm::speedUp);
  }

  private SvgTag draw(int width) {
    BandPlot plot =
        new BandPlot(
            "Speed-up over full prefill by prompt length",
            width,
            new Legend(entries(), width),
            PLOT_HEIGHT,
            run.rows().stream().map(TtftSummary.Row::length).toList(),
            "speed-up, log scale",
            "prompt tokens");
    Scale scale = scale(plot.bottom());
    plot.axes(scale, tick -> Numbers.tick(tick) + "x");
    plot.svg().with(Svg.line(plot.plotLeft(), scale.at(1), plot.width(), scale.at(1), "reference"));
    for (String arm : arms) {
      plot.svg().with(arm(plot, scale, arm));
    }
    return plot.svg();
  }

  private List<Legend.Entry> entries() {
    List<Legend.Entry> entries = new ArrayList<>(Legend.arms(arms, styles));
    earlier.ifPresent(e -> entries.add(Legend.earlier()));
    return entries;
  }

  private Optional<SpeedUpStatistics> earlier(int length, String arm) {
    return earlier.flatMap(e -> e.row(length)).flatMap(row -> speedUp(row, arm));
  }

  private Scale scale(double bottom) {
    double low = 1;
    double high = 1;
    for (TtftSummary.Row row : run.rows()) {
      for (String arm : arms) {
        if (speedUp(row, arm).isPresent()) {
          SpeedUpStatistics statistics = speedUp(row, arm).orElseThrow();
          low = Math.min(low, end(statistics.low95(), statistics));
          high = Math.max(high, end(statistics.high95(), statistics));
        }
      }
    }
    return Scale.log(low / HEADROOM, high * HEADROOM, bottom, bottom - PLOT_HEIGHT, 8);
  }

  /** Clips wide intervals of few blocks, which would compress the rest of the chart. */
  private static double end(double end, SpeedUpStatistics statistics) {
    double mean = statistics.geometricMean();
    return Double.isFinite(end) ? Math.min(Math.max(end, mean / CUT), mean * CUT) : mean;
  }

  private SvgTag arm(BandPlot plot, Scale scale, String arm) {
    SvgTag group = Svg.group(styles.colorClass(arm));
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < run.rows().size(); i++) {
      Optional<SpeedUpStatistics> statistics = speedUp(run.rows().get(i), arm);
      if (statistics.isEmpty()) {
        continue;
      }
      double x = plot.place(i, arms.indexOf(arm), arms.size());
      line.append(line.isEmpty() ? "M" : "L")
          .append(Svg.px(x))
          .append(' ')
          .append(Svg.px(scale.at(statistics.get().geometricMean())));
      group.with(point(arm, run.rows().get(i).length(), statistics.get(), scale, x));
      earlier(run.rows().get(i).length(), arm)
          .ifPresent(
              before ->
                  group.with(
                      styles
                          .earlierMarker(arm, x + 12, scale.clamped(before.geometricMean()))
                          .hint(
                              Numbers.text(
                                  "%s, earlier run: %s",
                                  arm, Numbers.ratio(before.geometricMean())))));
    }
    return Svg.group(styles.colorClass(arm)).with(Svg.path(line.toString(), "trend")).with(group);
  }

  private SvgTag point(
      String arm, int length, SpeedUpStatistics statistics, Scale scale, double x) {
    return styles
        .mean(arm, x, scale, statistics.geometricMean(), statistics.low95(), statistics.high95())
        .hint(
            Numbers.text(
                "%s, %d tokens: %s, 95 %% %s, n = %d",
                arm,
                length,
                Numbers.ratio(statistics.geometricMean()),
                Numbers.interval(statistics.low95(), statistics.high95(), Numbers::ratio),
                statistics.n()));
  }
}
