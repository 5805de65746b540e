package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.List;

/** Client TTFT by length: every trial as a dot, mean and its interval beside them. */
public final class TtftChart {
  private static final double PLOT_HEIGHT = 270;
  private static final double HEADROOM = 1.25;

  private final TtftResult run;
  private final ArmStyles styles;
  private final List<String> arms;

  private TtftChart(TtftResult run, ArmStyles styles) {
    this.run = run;
    this.styles = styles;
    this.arms = run.header().arms().stream().map(PlannedArm::name).toList();
  }

  public static Chart of(String id, TtftResult run, ArmStyles styles) {
    return new Chart(
        id,
        "Time to first token by prompt length",
        "Logarithmic scale. Dots: trials (hollow: outlier, cross: invalid). Mark and bar: mean and its"
            + " 95 % t interval.",
        new TtftChart(run, styles)::draw);
  }

  private SvgTag draw(int width) {
    List<Integer> lengths = run.rows().stream().map(TtftSummary.Row::length).toList();
    BandPlot plot =
        new BandPlot(
            "Time to first token by prompt length",
            width,
            Legend.ofArms(arms, styles, width),
            PLOT_HEIGHT,
            lengths);
    double[] all =
        run.trials().stream()
            .filter(Trial::measured)
            .flatMap(trial -> trial.armRuns().stream())
            .flatMap(armRun -> armRun.seconds(Measure.CLIENT_TTFT).stream())
            .mapToDouble(Double::doubleValue)
            .toArray();
    if (all.length == 0) {
      return plot.svg();
    }
    Scale scale = scale(all, plot.bottom());
    plot.axes(scale, Figures::tickSeconds);
    for (int i = 0; i < lengths.size(); i++) {
      for (String arm : arms) {
        plot.svg().with(arm(plot, scale, i, arm));
      }
    }
    return plot.svg();
  }

  private static Scale scale(double[] values, double bottom) {
    double low = Double.POSITIVE_INFINITY;
    double high = 0;
    for (double value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return Scale.log(low / HEADROOM, high * HEADROOM, bottom, bottom - PLOT_HEIGHT, 8);
  }

  private SvgTag arm(BandPlot plot, Scale scale, int band, String arm) {
    TtftSummary.Row row = run.rows().get(band);
    SvgTag group = Svg.group(styles.colorClass(arm));
    double x = plot.place(band, arms.indexOf(arm), arms.size());
    double spread = Math.min(7, plot.bandWidth() / (arms.size() + 1) / 4);
    for (Trial trial : run.measured(row.length())) {
      ArmRun armRun = trial.armRun(arm);
      armRun
          .seconds(Measure.CLIENT_TTFT)
          .ifPresent(s -> group.with(dot(trial, armRun, row, x - spread, scale.at(s))));
    }
    TtftSummary.Arm figures = row.arms().get(arm);
    if (figures != null) {
      group.with(mean(arm, row, figures.clientTtft(), scale, x + spread));
    }
    return group;
  }

  private static SvgTag dot(Trial trial, ArmRun armRun, TtftSummary.Row row, double x, double y) {
    boolean flagged =
        row.arms().containsKey(armRun.arm())
            && row.arms().get(armRun.arm()).outliers().stream()
                .anyMatch(outlier -> outlier.trial() == trial.trial());
    SvgTag dot =
        trial.valid()
            ? Svg.circle(x, y, 3, flagged ? "dot flagged" : "dot")
            : Svg.path(cross(x, y), "cross");
    return dot.hint(
        Figures.text(
            "%s, %d tokens, trial %d: %s (position %d in its block, %s)%s%s",
            armRun.arm(),
            trial.length(),
            trial.trial(),
            Figures.millis(armRun.seconds(Measure.CLIENT_TTFT).orElseThrow()),
            armRun.order() + 1,
            trial.worker(),
            flagged ? "; flagged as outlier" : "",
            trial.valid() ? "" : "; invalid"));
  }

  private static String cross(double x, double y) {
    return "M"
        + Svg.px(x - 3)
        + " "
        + Svg.px(y - 3)
        + "l6 6M"
        + Svg.px(x - 3)
        + " "
        + Svg.px(y + 3)
        + "l6 -6";
  }

  private SvgTag mean(String arm, TtftSummary.Row row, Statistics ttft, Scale scale, double x) {
    SvgTag group = Svg.group("mean");
    if (Double.isFinite(ttft.low95())) {
      // An interval of few trials may reach below zero, which a logarithmic scale cannot show.
      double low = Math.max(ttft.low95(), ttft.min() / 2);
      group.with(Svg.line(x, scale.at(low), x, scale.at(ttft.high95()), "bar"));
    }
    group.with(styles.marker(arm, x, scale.at(ttft.mean()), 4));
    return group.hint(
        Figures.text(
            "%s, %d tokens: mean %s, 95 %% %s ms, n = %d",
            arm,
            row.length(),
            Figures.millis(ttft.mean()),
            Figures.interval("%.2f", ttft.low95() * 1e3, ttft.high95() * 1e3),
            ttft.n()));
  }
}
