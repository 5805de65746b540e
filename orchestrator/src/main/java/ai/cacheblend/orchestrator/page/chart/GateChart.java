package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.QualityRun;
import java.util.List;

/** The interval of the loss at each look of a gate, against the margin. */
public final class GateChart {
  private static final double PLOT_HEIGHT = 210;

  private final QualityRun.Gate gate;
  private final ArmStyles styles;
  private final List<String> arms;
  private final List<Integer> looks;

  private GateChart(QualityRun.Gate gate, ArmStyles styles) {
    this.gate = gate;
    this.styles = styles;
    this.arms = gate.looks().stream().map(QualityRun.Look::arm).distinct().toList();
    this.looks = gate.looks().stream().map(QualityRun.Look::samples).distinct().toList();
  }

  public static Chart of(String id, QualityRun.Gate gate, ArmStyles styles) {
    return new Chart(
        id,
        "Loss against full prefill, look by look",
        Figures.text(
            "Mean loss and its interval (%.3g %%) after so many samples. Dashed: the margin; the gate"
                + " passes below it and fails above it.",
            100 * gate.level()),
        new GateChart(gate, styles)::draw);
  }

  private SvgTag draw(int width) {
    BandPlot plot =
        new BandPlot(
            "Loss by number of samples",
            width,
            Legend.ofArms(arms, styles, width),
            PLOT_HEIGHT,
            looks,
            "samples");
    Scale scale = scale(plot.bottom());
    plot.axes(scale, Figures::tick);
    plot.svg().with(Svg.line(plot.plotLeft(), scale.at(0), plot.width(), scale.at(0), "reference"));
    double margin = scale.at(gate.margin());
    plot.svg()
        .with(
            Svg.line(plot.plotLeft(), margin, plot.width(), margin, "margin")
                .hint("margin: " + Figures.tick(gate.margin())));
    plot.svg()
        .with(
            Svg.text(
                plot.width() - 2,
                margin - 5,
                Svg.Anchor.END,
                "label halo",
                "margin " + Figures.tick(gate.margin())));
    gate.looks().forEach(look -> plot.svg().with(look(plot, scale, look)));
    return plot.svg();
  }

  private SvgTag look(BandPlot plot, Scale scale, QualityRun.Look look) {
    SvgTag group = Svg.group(styles.colorClass(look.arm()));
    if (!Double.isFinite(look.difference())) {
      return group;
    }
    double x = plot.place(looks.indexOf(look.samples()), arms.indexOf(look.arm()), arms.size());
    SvgTag mean = Svg.group("mean");
    if (Double.isFinite(look.low())) {
      mean.with(Svg.line(x, scale.at(look.low()), x, scale.at(look.high()), "bar"));
    }
    return group.with(
        mean.with(styles.marker(look.arm(), x, scale.at(look.difference()), 4.5))
            .hint(
                Figures.text(
                    "%s, %d samples: loses %+.4f, %.3g %% %s: %s",
                    look.arm(),
                    look.samples(),
                    look.difference(),
                    100 * gate.level(),
                    Figures.interval("%+.4f", look.low(), look.high()),
                    look.verdict().replace('_', '-'))));
  }

  private Scale scale(double bottom) {
    double low = 0;
    double high = gate.margin();
    for (QualityRun.Look look : gate.looks()) {
      for (double value : new double[] {look.low(), look.difference(), look.high()}) {
        if (Double.isFinite(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    double room = Math.max(0.005, (high - low) * 0.08);
    return Scale.linear(low - room, high + room, bottom, bottom - PLOT_HEIGHT, 6);
  }
}
