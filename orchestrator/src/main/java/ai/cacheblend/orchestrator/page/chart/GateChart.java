package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.GateDecision;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import java.util.List;

/** The score difference from full prefill at each interim analysis of a gate, with the margin. */
public final class GateChart {
  private static final double PLOT_HEIGHT = 210;

  private final GateDecision gate;
  private final ArmStyles styles;
  private final List<String> arms;
  private final List<Integer> counts;

  private GateChart(GateDecision gate, ArmStyles styles) {
    this.gate = gate;
    this.styles = styles;
    this.arms = gate.interims().stream().map(GateDecision.Interim::arm).distinct().toList();
    this.counts = gate.interims().stream().map(GateDecision.Interim::samples).distinct().toList();
  }

  public static Chart of(String id, GateDecision gate, ArmStyles styles) {
    return new Chart(
        id,
        "Score difference from full prefill by number of samples",
        "Mean difference, arm minus full prefill, and its 95 % confidence interval at interim analyses."
            + " Shaded: loss greater than the margin. The gate tests after every sample.",
        new GateChart(gate, styles)::draw);
  }

  private SvgTag draw(int width) {
    BandPlot plot =
        new BandPlot(
            "Score difference from full prefill by number of samples",
            width,
            new Legend(Legend.arms(arms, styles), width),
            PLOT_HEIGHT,
            counts,
            "mean score, arm − full prefill",
            "samples");
    Scale scale = scale(plot.bottom());
    double edge = scale.at(-gate.margin());
    plot.svg()
        .with(
            Svg.rect(
                plot.plotLeft(),
                edge,
                plot.width() - plot.plotLeft(),
                plot.bottom() - edge,
                "zone"));
    plot.axes(scale, Numbers::tick);
    plot.svg().with(Svg.line(plot.plotLeft(), scale.at(0), plot.width(), scale.at(0), "reference"));
    plot.svg()
        .with(
            Svg.line(plot.plotLeft(), edge, plot.width(), edge, "margin")
                .hint("margin: " + Numbers.tick(gate.margin())));
    plot.svg()
        .with(
            Svg.text(
                plot.plotLeft() + 6,
                plot.bottom() - 7,
                Svg.Anchor.START,
                "label halo",
                "loss greater than the margin of " + Numbers.tick(gate.margin())));
    gate.interims().forEach(interim -> plot.svg().with(mark(plot, scale, interim)));
    return plot.svg();
  }

  private SvgTag mark(BandPlot plot, Scale scale, GateDecision.Interim interim) {
    ScoreDifference difference = interim.armMinusFullPrefill();
    double x =
        plot.place(counts.indexOf(interim.samples()), arms.indexOf(interim.arm()), arms.size());
    return Svg.group(styles.colorClass(interim.arm()))
        .with(
            styles
                .mean(
                    interim.arm(),
                    x,
                    scale,
                    difference.mean(),
                    difference.low95(),
                    difference.high95())
                .hint(
                    Numbers.text(
                        "%s, %d samples: %s, 95 %% %s: %s",
                        interim.arm(),
                        interim.samples(),
                        Numbers.difference(difference.mean()),
                        Numbers.interval(
                            difference.low95(), difference.high95(), Numbers::difference),
                        difference.verdictText())));
  }

  private Scale scale(double bottom) {
    double low = -gate.margin();
    double high = 0;
    for (GateDecision.Interim interim : gate.interims()) {
      low = Math.min(low, interim.armMinusFullPrefill().low95());
      high = Math.max(high, interim.armMinusFullPrefill().high95());
    }
    double room = Math.max(0.005, (high - low) * 0.08);
    // Space for the label of the shaded area below the last interval.
    double text = (high - low) * 0.1;
    return Scale.linear(low - room - text, high + room, bottom, bottom - PLOT_HEIGHT, 6);
  }
}
