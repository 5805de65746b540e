package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.tiers.TierPlan;
import java.util.ArrayList;
import java.util.List;

/** Predicted speed-up of an arm over full prefill by the bandwidth of its storage. */
public final class TierPlanChart {
  private static final double PLOT_HEIGHT = 240;

  /** The chart reaches this factor beyond the thresholds. */
  private static final double MARGIN = 3;

  private static final int STEP_COUNT = 60;
  private static final double BYTES_PER_GB = 1e9;

  private final TierPlan plan;
  private final double low;
  private final double high;

  private TierPlanChart(TierPlan plan) {
    this.plan = plan;
    double hidden = plan.rows().stream().mapToDouble(TierPlan.Row::hiddenFrom).max().orElseThrow();
    this.high = MARGIN * hidden;
    this.low =
        plan.rows().stream()
                .mapToDouble(TierPlan.Row::paysFrom)
                .filter(Double::isFinite)
                .min()
                .orElse(hidden)
            / MARGIN;
  }

  public static Chart of(TierPlan plan) {
    return new Chart(
        "tier-plan",
        "Speed-up with KV in storage",
        "Predicted from TTFT with KV on the device. Both scales are logarithmic. Below 1, full"
            + " prefill is faster.",
        new TierPlanChart(plan)::draw);
  }

  private SvgTag draw(int width) {
    XyPlot plot =
        new XyPlot(
            "Predicted speed-up by bandwidth",
            width,
            new Legend(entries(), width),
            PLOT_HEIGHT,
            "speed-up of " + plan.arm() + " over full prefill",
            "bandwidth of the storage, GB/s");
    Scale x = Scale.log(low, high, plot.left(), plot.right(), plot.tickCount());
    Scale y = Scale.log(lowest(), highest(), plot.bottom(), plot.top(), 8);
    plot.axes(x, y, tick -> Numbers.tick(tick / BYTES_PER_GB), tick -> Numbers.tick(tick) + "x");
    plot.level(y.at(1), "reference");
    for (int i = 0; i < plan.rows().size(); i++) {
      plot.svg().with(line(plan.rows().get(i), i, x, y));
    }
    return plot.svg();
  }

  private List<Legend.Entry> entries() {
    List<Legend.Entry> entries = new ArrayList<>();
    for (int i = 0; i < plan.rows().size(); i++) {
      String color = color(i);
      entries.add(
          new Legend.Entry(
              plan.rows().get(i).length() + " tokens",
              (x, y) -> Svg.group(color).with(Svg.rect(x - 6, y - 2, 12, 4, "fill"))));
    }
    return entries;
  }

  private static String color(int row) {
    return "arm" + row % ArmStyles.COLOR_COUNT;
  }

  private double lowest() {
    return plan.rows().stream().mapToDouble(row -> speedUp(row, low)).min().orElse(1) / 1.1;
  }

  private double highest() {
    return Math.max(1, plan.rows().stream().mapToDouble(row -> speedUp(row, high)).max().orElse(1))
        * 1.1;
  }

  private static double speedUp(TierPlan.Row row, double bytesPerSecond) {
    return row.fullSeconds() / row.seconds(bytesPerSecond);
  }

  private SvgTag line(TierPlan.Row row, int index, Scale x, Scale y) {
    StringBuilder path = new StringBuilder();
    for (int step = 0; step <= STEP_COUNT; step++) {
      double bandwidth = low * Math.pow(high / low, (double) step / STEP_COUNT);
      path.append(step == 0 ? "M" : "L")
          .append(Svg.px(x.at(Math.min(bandwidth, high))))
          .append(' ')
          .append(Svg.px(y.at(speedUp(row, bandwidth))));
    }
    return Svg.group(color(index)).with(Svg.path(path.toString(), "trend"));
  }
}
