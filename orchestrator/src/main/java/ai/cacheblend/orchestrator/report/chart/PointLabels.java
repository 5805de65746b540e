package ai.cacheblend.orchestrator.report.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Names beside points, as far as they fit without covering each other or a point. */
final class PointLabels {
  private static final double HEIGHT = 12;
  private static final double CLEARANCE = 7;

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

  /** For a plot between these lines. */
  PointLabels(double left, double right, double top, double bottom) {
    this.plot = new Box(left, top, right, bottom);
  }

  /** Puts no name over this point. */
  void keepClear(double x, double y) {
    taken.add(new Box(x - 5, y - 5, x + 5, y + 5));
  }

  /** Names a point: in full, or by what follows the @, or not at all. */
  void add(String name, double x, double y) {
    String brief = name.substring(name.indexOf('@') + 1);
    place(name, x, y)
        .or(() -> place(brief, x, y))
        .ifPresent(
            text -> {
              Box box = taken.get(taken.size() - 1);
              drawing.with(
                  Svg.text(box.left, box.bottom - 2, Svg.Anchor.START, "label halo", text));
            });
  }

  private Optional<String> place(String text, double x, double y) {
    double width = Canvas.textWidth(text);
    double middle = y - HEIGHT / 2;
    for (Box box :
        List.of(
            box(x + CLEARANCE, middle, width),
            box(x + CLEARANCE, middle - HEIGHT, width),
            box(x + CLEARANCE, middle + HEIGHT, width),
            box(x - CLEARANCE - width, middle, width),
            box(x - CLEARANCE - width, middle - HEIGHT, width),
            box(x - CLEARANCE - width, middle + HEIGHT, width))) {
      if (box.within(plot) && taken.stream().noneMatch(box::meets)) {
        taken.add(box);
        return Optional.of(text);
      }
    }
    return Optional.empty();
  }

  private static Box box(double left, double top, double width) {
    return new Box(left, top, left + width, top + HEIGHT);
  }

  SvgTag drawing() {
    return drawing;
  }
}
