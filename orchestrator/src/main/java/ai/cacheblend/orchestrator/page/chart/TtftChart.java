package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Client TTFT by length: each trial as a dot, with mean and interval beside them. */
public final class TtftChart {
  private static final double PLOT_HEIGHT = 270;
  private static final double HEADROOM = 1.25;

  private final TtftResult run;
  private final Optional<TtftResult> earlier;
  private final ArmStyles styles;
  private final List<String> arms;

  private TtftChart(TtftResult run, Optional<TtftResult> earlier, ArmStyles styles) {
    this.run = run;
    this.earlier = earlier;
    this.styles = styles;
    this.arms = run.header().arms().stream().map(PlannedArm::name).toList();
  }

  public static Chart of(
      String id, TtftResult run, Optional<TtftResult> earlier, ArmStyles styles) {
    return new Chart(
        id,
        "Time to first token by prompt length",
        "Small dots: trials. Marker and bar: mean and its 95 % t interval; an arrow marks an interval that"
            + " continues beyond the plot.",
        new TtftChart(run, earlier, styles)::draw);
  }

  private SvgTag draw(int width) {
    List<Integer> lengths = run.rows().stream().map(TtftSummary.Row::length).toList();
    BandPlot plot =
        new BandPlot(
            "Time to first token by prompt length",
            width,
            new Legend(entries(), width),
            PLOT_HEIGHT,
            lengths,
            "client TTFT, log scale",
            "prompt tokens");
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
    plot.axes(scale, Numbers::tickSeconds);
    for (int i = 0; i < lengths.size(); i++) {
      for (String arm : arms) {
        plot.svg().with(arm(plot, scale, i, arm));
      }
    }
    return plot.svg();
  }

  private List<Legend.Entry> entries() {
    List<Legend.Entry> entries = new ArrayList<>(Legend.arms(arms, styles));
    boolean outliers =
        run.rows().stream()
            .flatMap(row -> row.arms().values().stream())
            .anyMatch(arm -> !arm.outliers().isEmpty());
    if (outliers) {
      entries.add(
          new Legend.Entry(
              "outlier", (x, y) -> Svg.group("neutral").with(Svg.circle(x, y, 3, "dot flagged"))));
    }
    if (run.trials().stream().anyMatch(trial -> trial.measured() && !trial.valid())) {
      entries.add(
          new Legend.Entry(
              "invalid", (x, y) -> Svg.group("neutral").with(Svg.path(cross(x, y), "cross"))));
    }
    earlier.ifPresent(e -> entries.add(Legend.earlier()));
    return entries;
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
    earlier(row.length(), arm)
        .ifPresent(
            mean ->
                group.with(
                    styles
                        .earlierMarker(arm, x + 2.5 * spread, scale.clamped(mean))
                        .hint(arm + ", earlier run: mean " + Numbers.duration(mean))));
    TtftSummary.Arm statistics = row.arms().get(arm);
    if (statistics != null) {
      group.with(mean(arm, row, statistics.clientTtft(), scale, x + spread));
    }
    return group;
  }

  private Optional<Double> earlier(int length, String arm) {
    return earlier
        .flatMap(e -> e.row(length))
        .flatMap(row -> Optional.ofNullable(row.arms().get(arm)))
        .map(statistics -> statistics.clientTtft().mean());
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
        Numbers.text(
            "%s, %d tokens, trial %d: %s (position %d in its block, %s)%s%s",
            armRun.arm(),
            trial.length(),
            trial.trial(),
            Numbers.duration(armRun.seconds(Measure.CLIENT_TTFT).orElseThrow()),
            armRun.order() + 1,
            trial.worker(),
            flagged ? "; flagged as outlier" : "",
            trial.valid() ? "" : "; invalid"));
  }

  private static String cross(double x, double y) {
    return "M%s %sl6 6M%s %sl6 -6"
        .formatted(Svg.px(x - 3), Svg.px(y - 3), Svg.px(x - 3), Svg.px(y + 3));
  }

  private SvgTag mean(String arm, TtftSummary.Row row, Statistics ttft, Scale scale, double x) {
    return styles
        .mean(arm, x, scale, ttft.mean(), ttft.low95(), ttft.high95())
        .hint(
            Numbers.text(
                "%s, %d tokens: mean %s, 95 %% %s, n = %d",
                arm,
                row.length(),
                Numbers.duration(ttft.mean()),
                Numbers.interval(ttft.low95(), ttft.high95(), Numbers::duration),
                ttft.n()));
  }
}
