package ai.cacheblend.orchestrator.page.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Places labels beside points so that they overlap no label, point or bar. */
final class PointLabels {
  private static final double HEIGHT = 12;
  private static final double CLEARANCE = 6;

  private final Box plot;
  private final List<Box> taken = new ArrayList<>();
  private final SvgTag drawing = Svg.group("names");

  private record Box(double left, double top, double right, double bottom) {
    boolean meets(Box other) {
      return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }

    boolean within(Box other) {
      return left >= other.left
          && right <= other.right
          && top >= other.top
          && bottom <= other.bottom;
    }
  }

  /** Edges of the plot. */
  PointLabels(double left, double right, double top, double bottom) {
    this.plot = new Box(left, top, right, bottom);
  }

  /** Reserves an area of another element. */
  void keepClear(double left, double top, double right, double bottom) {
    taken.add(new Box(left, top, right, bottom));
  }

  /** Reserves the area of a point. */
  void keepClear(double x, double y) {
    taken.add(new Box(x - 5, y - 5, x + 5, y + 5));
  }

  /** Labels a point if there is space. */
  void add(String name, double x, double y) {
    double width = Canvas.textWidth(name);
    double above = y - HEIGHT - 2;
    double below = y + 2;
    double middle = y - HEIGHT / 2;
    double before = x - CLEARANCE - width;
    double behind = x + CLEARANCE;
    // Keep off the bars.
    Stream.of(
            box(behind, above, width),
            box(behind, below, width),
            box(before, above, width),
            box(before, below, width),
            box(behind, middle, width),
            box(before, middle, width))
        .filter(box -> box.within(plot) && taken.stream().noneMatch(box::meets))
        .findFirst()
        .ifPresent(
            box -> {
              taken.add(box);
              drawing.with(
                  Svg.text(box.left, box.bottom - 2, Svg.Anchor.START, "label halo", name));
            });
  }

  private static Box box(double left, double top, double width) {
    return new Box(left, top, left + width, top + HEIGHT);
  }

  SvgTag drawing() {
    return drawing;
  }
}
