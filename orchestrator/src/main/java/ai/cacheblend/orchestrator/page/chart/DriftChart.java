package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Client TTFT over the run, each trial relative to the median of its arm and length, so that one
 * plot shows the drift of all lengths.
 */
public final class DriftChart {
  private static final double PLOT_HEIGHT = 190;
  private static final double AXIS_HEIGHT = 38;
  private static final double CAPTION_HEIGHT = 22;
  private static final double LEFT = 56;

  /** Window of the running median, in trials. */
  private static final int WINDOW = 5;

  private final TtftResult run;
  private final ArmStyles styles;
  private final List<String> arms;
  private final List<Trial> trials;

  private record Point(int index, Trial trial, double ratio) {}

  private DriftChart(TtftResult run, ArmStyles styles) {
    this.run = run;
    this.styles = styles;
    this.arms = run.header().arms().stream().map(PlannedArm::name).toList();
    this.trials = run.trials().stream().filter(trial -> trial.measured() && trial.valid()).toList();
  }

  /** Empty if fewer than two trials are valid. */
  public static Optional<Chart> of(String id, TtftResult run, ArmStyles styles) {
    DriftChart chart = new DriftChart(run, styles);
    return chart.trials.size() < 2
        ? Optional.empty()
        : Optional.of(
            new Chart(
                id,
                "Time to first token over the run",
                "Dots: valid trials in the order of the run, relative to the median of their"
                    + " arm and length. Lines: running median of "
                    + WINDOW
                    + ". Without drift the lines stay near 1.",
                chart::draw));
  }

  private List<Point> points(String arm) {
    Map<Integer, TtftSummary.Arm> byLength = new HashMap<>();
    run.rows()
        .forEach(
            row ->
                Optional.ofNullable(row.arms().get(arm))
                    .ifPresent(a -> byLength.put(row.length(), a)));
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < trials.size(); i++) {
      Trial trial = trials.get(i);
      double seconds = trial.armRun(arm).seconds(Measure.CLIENT_TTFT).orElseThrow();
      if (byLength.containsKey(trial.length())) {
        points.add(
            new Point(i + 1, trial, seconds / byLength.get(trial.length()).clientTtft().median()));
      }
    }
    return points;
  }

  private SvgTag draw(int width) {
    Legend legend = new Legend(Legend.arms(arms, styles), width);
    double top = legend.height() + CAPTION_HEIGHT;
    double bottom = top + PLOT_HEIGHT;
    SvgTag svg =
        Canvas.create(width, bottom + AXIS_HEIGHT, "Time to first token over the run")
            .with(legend.drawing());
    double greatest = 1.1;
    double least = 0.9;
    for (String arm : arms) {
      for (Point point : points(arm)) {
        greatest = Math.max(greatest, point.ratio * 1.1);
        least = Math.min(least, point.ratio / 1.1);
      }
    }
    Scale y = Scale.log(least, greatest, bottom, top, 7);
    Scale x = Scale.linear(0.5, trials.size() + 0.5, LEFT, width, Math.min(10, trials.size()));
    svg.with(Svg.text(0, top - 10, Svg.Anchor.START, "label", "TTFT / median, log scale"));
    for (double tick : y.ticks()) {
      svg.with(Svg.line(LEFT, y.at(tick), width, y.at(tick), tick == 1 ? "reference" : "grid"));
      svg.with(
          Svg.text(LEFT - 6, y.at(tick) + 4, Svg.Anchor.END, "label", Numbers.tick(tick) + "x"));
    }
    for (double tick : x.ticks()) {
      if (tick == Math.rint(tick)) {
        svg.with(Svg.text(x.at(tick), bottom + 15, Svg.Anchor.MIDDLE, "label", Numbers.tick(tick)));
      }
    }
    svg.with(Svg.line(LEFT, bottom, width, bottom, "axis"));
    svg.with(
        Svg.text(
            (LEFT + width) / 2,
            bottom + 32,
            Svg.Anchor.MIDDLE,
            "label",
            "trial, in the order of the run"));
    arms.forEach(arm -> svg.with(arm(arm, x, y)));
    return svg;
  }

  private SvgTag arm(String arm, Scale x, Scale y) {
    SvgTag group = Svg.group(styles.colorClass(arm));
    List<Point> points = points(arm);
    StringBuilder median = new StringBuilder();
    for (int i = 0; i < points.size(); i++) {
      Point point = points.get(i);
      median
          .append(i == 0 ? "M" : "L")
          .append(Svg.px(x.at(point.index)))
          .append(' ')
          .append(Svg.px(y.at(runningMedian(points, i))));
      group.with(
          Svg.group("small")
              .with(styles.marker(arm, x.at(point.index), y.at(point.ratio)))
              .hint(
                  Numbers.text(
                      "%s, %d tokens, trial %d: %s of the median",
                      arm, point.trial.length(), point.trial.trial(), Numbers.ratio(point.ratio))));
    }
    return group.with(Svg.path(median.toString(), "trend strong"));
  }

  private static double runningMedian(List<Point> points, int index) {
    int from = Math.max(0, index - WINDOW / 2);
    int to = Math.min(points.size(), index + WINDOW / 2 + 1);
    double[] window = points.subList(from, to).stream().mapToDouble(Point::ratio).toArray();
    Arrays.sort(window);
    int middle = window.length / 2;
    return window.length % 2 == 1 ? window[middle] : (window[middle - 1] + window[middle]) / 2;
  }
}
