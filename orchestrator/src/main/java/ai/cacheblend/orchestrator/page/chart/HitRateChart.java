package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.LoadSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Hit rate over the time since the start of a slice, at the highest level of each arm that met the
 * objective; at the last one if there is none.
 */
final class HitRateChart {
  private static final double PLOT_HEIGHT = 190;

  private final List<LoadSummary.Level> levels;
  private final ArmStyles styles;

  private HitRateChart(List<LoadSummary.Level> levels, ArmStyles styles) {
    this.levels = levels;
    this.styles = styles;
  }

  /** Empty if no arm reads chunks, or there is one moment only. */
  static Optional<Chart> of(String id, List<LoadSummary.Level> all, ArmStyles styles) {
    List<LoadSummary.Level> levels = new ArrayList<>();
    for (String arm : all.stream().map(LoadSummary.Level::arm).distinct().toList()) {
      all.stream()
          .filter(level -> level.arm().equals(arm) && level.reuse().hitRate().isPresent())
          .reduce((first, second) -> met(first) && !met(second) ? first : second)
          .filter(level -> level.overTime().size() > 1)
          .ifPresent(levels::add);
    }
    return levels.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Chart(
                id,
                "Hit rate over the time of a slice",
                "Share of the chunks that were stored when they were needed, "
                    + levels.stream()
                        .map(level -> level.arm() + " at " + level.loadText())
                        .collect(Collectors.joining(", "))
                    + ". Each slice begins with an empty store, unless chunks were collected"
                    + " ahead.",
                new HitRateChart(levels, styles)::draw));
  }

  private static boolean met(LoadSummary.Level level) {
    return level.throughput().sloMet().orElse(false);
  }

  private SvgTag draw(int width) {
    XyPlot plot =
        new XyPlot(
            "Hit rate over the time of a slice",
            width,
            new Legend(
                Legend.arms(levels.stream().map(LoadSummary.Level::arm).toList(), styles), width),
            PLOT_HEIGHT,
            "hit rate",
            "seconds since the start of a slice");
    double end =
        levels.stream()
            .flatMap(level -> level.overTime().stream())
            .mapToDouble(LoadSummary.Bin::seconds)
            .max()
            .orElseThrow();
    Scale x = Scale.linear(0, end * 1.02, plot.left(), plot.right(), plot.tickCount());
    Scale y = Scale.linear(0, 1, plot.bottom(), plot.top(), 5);
    plot.axes(x, y, Numbers::tick, Numbers::percent);
    for (LoadSummary.Level level : levels) {
      SvgTag group = Svg.group(styles.colorClass(level.arm()));
      StringBuilder path = new StringBuilder();
      for (LoadSummary.Bin bin : level.overTime()) {
        if (bin.hitRate().isPresent()) {
          double at = x.at(bin.seconds());
          double rate = y.at(bin.hitRate().get());
          path.append(path.length() == 0 ? "M" : "L")
              .append(Svg.px(at))
              .append(' ')
              .append(Svg.px(rate));
          group.with(styles.marker(level.arm(), at, rate).hint(hint(level, bin)));
        }
      }
      plot.svg().with(group.with(Svg.path(path.toString(), "trend")));
    }
    return plot.svg();
  }

  private static String hint(LoadSummary.Level level, LoadSummary.Bin bin) {
    return Numbers.text(
        "%s after %s: %s of the chunks of %d requests",
        level.arm(),
        Numbers.duration(bin.seconds()),
        Numbers.percent(bin.hitRate().orElseThrow()),
        bin.requests());
  }
}
