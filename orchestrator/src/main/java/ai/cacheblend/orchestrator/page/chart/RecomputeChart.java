package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Positions of the recomputed rows of an example prompt, by arm. */
public final class RecomputeChart {
  private static final double ROW_HEIGHT = 40;
  private static final double BAR_HEIGHT = 20;
  private static final double AXIS_HEIGHT = 36;
  private static final double BIN_WIDTH = 5;

  private final Example example;
  private final ArmStyles styles;

  private RecomputeChart(Example example, ArmStyles styles) {
    this.example = example;
    this.styles = styles;
  }

  public static Chart of(String id, Example example, ArmStyles styles) {
    return new Chart(
        id,
        "Recomputed rows: " + example.label(),
        "Height: share of computed rows around the position. Lines: chunk boundaries. Shaded: text"
            + " that is not cached.",
        new RecomputeChart(example, styles)::draw);
  }

  private SvgTag draw(int width) {
    int count = example.tokenCount();
    double bottom = ROW_HEIGHT * example.arms().size();
    SvgTag svg =
        Canvas.create(width, bottom + AXIS_HEIGHT, "Recomputed rows of " + example.label());
    Scale x = Scale.linear(0, count, 0, width, 6);
    int first = 0;
    for (Example.Segment segment : example.segments()) {
      double from = x.at(first);
      if (!segment.cached()) {
        svg.with(Svg.rect(from, 0, x.at(first + segment.pieces().size()) - from, bottom, "fresh"));
      }
      svg.with(Svg.line(from, 0, from, bottom, "grid"));
      first += segment.pieces().size();
    }
    double y = 0;
    for (Map.Entry<String, Example.Selection> arm : example.arms().entrySet()) {
      svg.with(row(arm.getKey(), arm.getValue().activePositions(), x, count, y));
      y += ROW_HEIGHT;
    }
    for (double tick : x.ticks()) {
      String label = Numbers.tick(tick);
      double half = Canvas.textWidth(label) / 2 + 2;
      double at = Math.min(Math.max(x.at(tick), half), width - half);
      svg.with(Svg.text(at, bottom + 14, Svg.Anchor.MIDDLE, "label", label));
    }
    return svg.with(
        Svg.text(width / 2.0, bottom + 30, Svg.Anchor.MIDDLE, "label", "position in the prompt"));
  }

  private SvgTag row(String arm, List<Integer> positions, Scale x, int count, double y) {
    int binCount = (int) Math.max(1, Math.min(count, x.at(count) / BIN_WIDTH));
    int[] chosen = new int[binCount];
    int[] all = new int[binCount];
    for (int position = 0; position < count; position++) {
      all[(int) ((long) position * binCount / count)]++;
    }
    positions.forEach(position -> chosen[(int) ((long) position * binCount / count)]++);
    double base = y + ROW_HEIGHT - 2;
    SvgTag group =
        Svg.group(styles.colorClass(arm))
            .with(Svg.text(4, y + 13, Svg.Anchor.START, "label halo", arm))
            .with(Svg.line(0, base, x.at(count), base, "axis"));
    List<SvgTag> bars = new ArrayList<>();
    double binWidth = x.at(count) / binCount;
    for (int bin = 0; bin < binCount; bin++) {
      double share = (double) chosen[bin] / all[bin];
      if (share > 0) {
        bars.add(
            Svg.rect(
                    bin * binWidth,
                    base - share * BAR_HEIGHT,
                    binWidth - 0.6,
                    share * BAR_HEIGHT,
                    "fill")
                .hint(
                    Numbers.text(
                        "%s, positions %d to %d: %.0f %%",
                        arm,
                        (long) bin * count / binCount,
                        (long) (bin + 1) * count / binCount - 1,
                        100 * share)));
      }
    }
    bars.forEach(group::with);
    return group;
  }
}
