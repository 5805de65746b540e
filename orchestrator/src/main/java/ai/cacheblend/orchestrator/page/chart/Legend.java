package ai.cacheblend.orchestrator.page.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The legend of a chart, in rows at its top. Keys are drawn as in the chart. */
final class Legend {
  private static final double ROW_HEIGHT = 18;
  private static final double KEY_WIDTH = 18;
  private static final double GAP = 14;

  /** Draws a key at a point. */
  @FunctionalInterface
  interface Key {
    SvgTag at(double x, double y);
  }

  /** A key and its label. */
  record Entry(String name, Key key) {}

  private final SvgTag drawing = Svg.group("legend");
  private final double height;

  Legend(List<Entry> entries, int width) {
    double x = 0;
    double y = 0;
    for (Entry entry : entries) {
      double entryWidth = KEY_WIDTH + Canvas.textWidth(entry.name()) + GAP;
      if (x > 0 && x + entryWidth - GAP > width) {
        x = 0;
        y += ROW_HEIGHT;
      }
      drawing.with(entry.key().at(x + 7, y + 9));
      drawing.with(Svg.text(x + KEY_WIDTH, y + 13, Svg.Anchor.START, "label", entry.name()));
      x += entryWidth;
    }
    height = entries.isEmpty() ? 0 : y + ROW_HEIGHT + 6;
  }

  /** Entries of arms; in a sweep, one per family (colour) and one per ratio (marker). */
  static List<Entry> families(List<String> arms, ArmStyles styles) {
    Map<String, List<String>> families = styles.families(arms);
    if (families.isEmpty()) {
      return arms(arms, styles);
    }
    List<Entry> entries = new ArrayList<>();
    families.forEach(
        (family, members) -> {
          String first = members.get(0);
          entries.add(
              styles.hasRatio(first)
                  ? new Entry(
                      family,
                      (x, y) ->
                          Svg.group(styles.colorClass(first))
                              .with(Svg.rect(x - 6, y - 2, 12, 4, "fill")))
                  : arm(first, styles));
        });
    styles
        .byRatio(arms)
        .forEach(
            (ratio, arm) ->
                entries.add(
                    new Entry(
                        "ratio " + ratio,
                        (x, y) -> Svg.group("neutral").with(styles.marker(arm, x, y)))));
    return entries;
  }

  static List<Entry> arms(List<String> arms, ArmStyles styles) {
    return arms.stream().map(arm -> arm(arm, styles)).toList();
  }

  private static Entry arm(String arm, ArmStyles styles) {
    return new Entry(
        arm, (x, y) -> Svg.group(styles.colorClass(arm)).with(styles.marker(arm, x, y)));
  }

  /** The hollow grey marker of an earlier run. */
  static Entry earlier() {
    return new Entry("earlier run", (x, y) -> Svg.circle(x, y, ArmStyles.RADIUS, "earlier"));
  }

  SvgTag drawing() {
    return drawing;
  }

  double height() {
    return height;
  }
}
