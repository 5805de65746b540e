package ai.cacheblend.orchestrator.page.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Keys of a chart in rows at its top, as many beside each other as fit. */
final class Legend {
  private static final double ROW_HEIGHT = 18;
  private static final double KEY_WIDTH = 16;
  private static final double GAP = 14;

  private final SvgTag drawing = Svg.group("legend");
  private final double height;

  /**
   * @param key picture of an entry around a point
   */
  Legend(List<String> entries, int width, BiFunction<String, double[], SvgTag> key) {
    double x = 0;
    double y = 0;
    for (String entry : entries) {
      double entryWidth = KEY_WIDTH + Canvas.textWidth(entry) + GAP;
      if (x > 0 && x + entryWidth - GAP > width) {
        x = 0;
        y += ROW_HEIGHT;
      }
      drawing.with(key.apply(entry, new double[] {x + 6, y + 9}));
      drawing.with(Svg.text(x + KEY_WIDTH, y + 13, Svg.Anchor.START, "label", entry));
      x += entryWidth;
    }
    height = entries.isEmpty() ? 0 : y + ROW_HEIGHT + 6;
  }

  /** A key for each arm, or for each family where a name beside a mark tells its arms apart. */
  static Legend ofFamilies(List<String> arms, ArmStyles styles, int width) {
    Map<String, List<String>> families = styles.families(arms);
    return families.isEmpty()
        ? ofArms(arms, styles, width)
        : new Legend(
            new ArrayList<>(families.keySet()),
            width,
            (family, at) ->
                Svg.group(styles.colorClass(families.get(family).get(0)))
                    .with(Svg.circle(at[0], at[1], 4.5, "fill")));
  }

  static Legend ofArms(List<String> arms, ArmStyles styles, int width) {
    return new Legend(
        new ArrayList<>(arms),
        width,
        (arm, at) -> Svg.group(styles.colorClass(arm)).with(styles.marker(arm, at[0], at[1], 4.5)));
  }

  SvgTag drawing() {
    return drawing;
  }

  double height() {
    return height;
  }
}
