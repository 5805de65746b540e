package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.SweepResult;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Colour and marker of each arm, the same in all charts and tables of a report. */
public final class ArmStyles {
  /** Classes arm0, arm1, … of chart.css; the first three belong to the standard arms. */
  static final int COLOR_COUNT = 10;

  /** Radius of markers in pixels. */
  static final double RADIUS = 4.5;

  private static final List<String> FIXED = List.of("full_prefill", "full_kv_reuse", "cacheblend");

  private final Map<String, Style> byArm = new LinkedHashMap<>();

  /** Arms of each family; arms of a family share a colour. */
  private final Map<String, List<String>> families = new LinkedHashMap<>();

  private record Style(int color, int marker) {}

  /**
   * Styles of all arms of {@code runs}, in order of appearance. If one is a sweep, arms that differ
   * only in their ratio share a colour.
   */
  public ArmStyles(List<? extends Result> runs) {
    List<String> names =
        runs.stream()
            .flatMap(run -> run.header().arms().stream())
            .map(PlannedArm::name)
            .distinct()
            .toList();
    if (runs.stream().anyMatch(SweepResult.class::isInstance)) {
      names.forEach(
          name -> families.computeIfAbsent(family(name), f -> new ArrayList<>()).add(name));
      indexes(families.keySet())
          .forEach(
              (family, index) ->
                  families
                      .get(family)
                      .forEach(arm -> byArm.put(arm, new Style(index, ratioIndex(names, arm)))));
    } else {
      indexes(names)
          .forEach((name, index) -> byArm.put(name, new Style(index, index + index / COLOR_COUNT)));
    }
  }

  private static Map<String, Integer> indexes(Collection<String> names) {
    Map<String, Integer> indexes = new LinkedHashMap<>();
    FIXED.stream().filter(names::contains).forEach(n -> indexes.put(n, FIXED.indexOf(n)));
    int next = FIXED.size();
    for (String name : names) {
      if (!FIXED.contains(name)) {
        indexes.put(name, next++);
      }
    }
    return indexes;
  }

  /** Arms of equal ratio have equal markers; 0 for arms without a ratio. */
  private static int ratioIndex(List<String> names, String arm) {
    List<String> ratios =
        names.stream()
            .filter(ArmStyles::isBlend)
            .map(ArmStyles::ratio)
            .distinct()
            .sorted()
            .toList();
    return isBlend(arm) ? ratios.indexOf(ratio(arm)) : 0;
  }

  private static boolean isBlend(String arm) {
    return arm.contains("@");
  }

  private static String ratio(String arm) {
    return arm.replaceFirst(".*@([^:]*).*", "$1");
  }

  private static String family(String arm) {
    return arm.replaceFirst("@[^:]*", "");
  }

  /** Groups of {@code arms} that differ only in their ratio; empty without a sweep. */
  Map<String, List<String>> families(List<String> arms) {
    Map<String, List<String>> present = new LinkedHashMap<>();
    families.forEach(
        (family, members) -> {
          List<String> of = members.stream().filter(arms::contains).toList();
          if (!of.isEmpty()) {
            present.put(family, of);
          }
        });
    return present;
  }

  /** A short name beside a coloured marker: the ratio if the family has several arms. */
  String brief(String arm) {
    boolean alone = families.getOrDefault(family(arm), List.of()).size() < 2;
    return alone ? arm : ratio(arm);
  }

  boolean hasRatio(String arm) {
    return isBlend(arm);
  }

  /** The first of {@code arms} with each ratio, by ascending ratio. */
  Map<String, String> byRatio(List<String> arms) {
    Map<String, String> first = new TreeMap<>();
    arms.stream().filter(ArmStyles::isBlend).forEach(arm -> first.putIfAbsent(ratio(arm), arm));
    return first;
  }

  /** CSS class that sets the colour of the arm for the content of an element. */
  public String colorClass(String arm) {
    return "arm" + byArm.get(arm).color % COLOR_COUNT;
  }

  /** The marker of the arm at a point; arms that share a colour have different markers. */
  SvgTag marker(String arm, double x, double y) {
    return marker(arm, x, y, "mark");
  }

  /** The marker of the arm at a mean, with a vertical bar for its interval. */
  SvgTag mean(String arm, double x, Scale y, double mean, double low, double high) {
    return Svg.group("mean").with(Bars.vertical(x, y, low, high)).with(marker(arm, x, y.at(mean)));
  }

  /** The marker of the arm for an earlier run. */
  SvgTag earlierMarker(String arm, double x, double y) {
    return marker(arm, x, y, "earlier");
  }

  private SvgTag marker(String arm, double x, double y, String classes) {
    return marker(byArm.get(arm).marker, x, y, classes);
  }

  /** The marker of a series that is not an arm. */
  static SvgTag marker(int index, double x, double y, String classes) {
    Marker[] markers = Marker.values();
    return Svg.path(markers[index % markers.length].path(x, y, RADIUS), classes);
  }

  /** The marker of the arm in text. */
  public SvgTag swatch(String arm) {
    return new SvgTag("svg")
        .attr("class", "swatch " + colorClass(arm))
        .attr("viewBox", "0 0 12 12")
        .attr("width", 12)
        .attr("height", 12)
        .attr("aria-hidden", "true")
        .with(marker(arm, 6, 6));
  }

  private enum Marker {
    CIRCLE(ImmutableDoubleArray.of()),
    SQUARE(ImmutableDoubleArray.of(-.85, -.85, .85, -.85, .85, .85, -.85, .85)),
    DIAMOND(ImmutableDoubleArray.of(0, -1.2, 1.2, 0, 0, 1.2, -1.2, 0)),
    TRIANGLE(ImmutableDoubleArray.of(0, -1.1, 1.1, .85, -1.1, .85)),
    INVERTED(ImmutableDoubleArray.of(0, 1.1, 1.1, -.85, -1.1, -.85));

    /** x and y of each corner relative to the point, in radii. */
    private final ImmutableDoubleArray corners;

    Marker(ImmutableDoubleArray corners) {
      this.corners = corners;
    }

    String path(double x, double y, double radius) {
      if (this == CIRCLE) {
        String arc = "a" + Svg.px(radius) + " " + Svg.px(radius) + " 0 1 0 ";
        String start = "M" + Svg.px(x - radius) + " " + Svg.px(y);
        return start + arc + Svg.px(2 * radius) + " 0" + arc + Svg.px(-2 * radius) + " 0z";
      }
      StringBuilder path = new StringBuilder();
      for (int i = 0; i < corners.length(); i += 2) {
        path.append(i == 0 ? "M" : "L")
            .append(Svg.px(x + corners.get(i) * radius))
            .append(' ')
            .append(Svg.px(y + corners.get(i + 1) * radius));
      }
      return path.append('z').toString();
    }
  }
}
