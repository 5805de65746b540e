package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.TierPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The charts of a sweep. */
public final class SweepCharts {
  private static final Comparator<SweepSummary.Shape> LONGEST_FIRST =
      Comparator.comparingInt(SweepSummary.Shape::length).reversed();

  private SweepCharts() {}

  /**
   * Quality against speed-up for each data set and prompt shape, the longest prompts first.
   *
   * @param bounds arithmetic bounds of the points
   * @param earlier points of the same arms in an earlier sweep
   */
  public static List<Chart> tradeOffs(
      String id,
      SweepResult run,
      List<SweepSummary.Point> earlier,
      Function<SweepSummary.Point, Optional<Double>> bounds,
      Function<String, String> metricLabel,
      ArmStyles styles) {
    List<Chart> charts = new ArrayList<>();
    List<SweepSummary.Shape> shapes = run.shapes().stream().sorted(LONGEST_FIRST).toList();
    for (String dataset : run.datasets()) {
      for (SweepSummary.Shape shape : shapes) {
        List<SweepSummary.Point> points = run.points(dataset, shape);
        if (!points.isEmpty()) {
          List<SweepSummary.Point> before =
              earlier.stream()
                  .filter(p -> p.dataset().equals(dataset) && p.shape().equals(shape))
                  .toList();
          charts.add(
              TradeOffChart.of(
                  chartId(id, dataset, shape),
                  Numbers.text("Quality on %s against speed-up with %s", dataset, words(shape)),
                  "Speed was measured with prompts of this shape. Quality was measured with documents"
                      + " cut into chunks of this size; number of chunks and prompt length are those"
                      + " of the data set.",
                  points.stream().map(p -> point(p, bounds)).toList(),
                  before.stream().map(p -> point(p, bounds)).toList(),
                  metricLabel.apply(points.get(0).metric()),
                  styles));
        }
      }
    }
    return charts;
  }

  /** Speed by shape; empty if there is only one shape. */
  public static List<Chart> shapes(String id, SweepResult run, ArmStyles styles) {
    return run.shapes().size() > 1
        ? List.of(ShapeChart.of(id + "-shapes", run, styles))
        : List.of();
  }

  /**
   * TTFT by tier and ratio: one chart per prompt shape and selector, the longest prompts first;
   * empty without tiers.
   */
  public static List<Chart> tiers(String id, SweepResult run, ArmStyles styles) {
    List<Chart> charts = new ArrayList<>();
    List<SweepSummary.Shape> shapes =
        run.tiers().stream().map(TierPoint::shape).distinct().sorted(LONGEST_FIRST).toList();
    List<String> arms = run.tiers().stream().map(TierPoint::arm).distinct().toList();
    for (SweepSummary.Shape shape : shapes) {
      List<TierPoint> points =
          run.tiers().stream().filter(point -> point.shape().equals(shape)).toList();
      Optional<TierPoint> full =
          points.stream().filter(point -> point.arm().equals("full_prefill")).findFirst();
      styles
          .families(arms)
          .forEach(
              (family, members) -> {
                if (styles.hasRatio(members.get(0))) {
                  charts.add(
                      TierChart.of(
                          Numbers.text(
                              "%s-tiers-%s-%s",
                              id, family.replaceAll("[^A-Za-z0-9._-]+", "-"), shapeId(shape)),
                          family,
                          shape,
                          ofSelector(points, members),
                          full));
                }
              });
    }
    return charts;
  }

  /** Points with a ratio of the arms, and of full KV reuse. */
  private static List<TierPoint> ofSelector(List<TierPoint> points, List<String> arms) {
    return points.stream()
        .filter(point -> point.ratio().isPresent())
        .filter(point -> arms.contains(point.arm()) || point.arm().equals("full_kv_reuse"))
        .toList();
  }

  private static TradeOffPoint point(
      SweepSummary.Point point, Function<SweepSummary.Point, Optional<Double>> bounds) {
    return new TradeOffPoint(
        point.arm(), point.speedUp(), point.armMinusFullPrefill(), bounds.apply(point));
  }

  private static String chartId(String id, String dataset, SweepSummary.Shape shape) {
    return Numbers.text(
        "%s-trade-off-%s-%s", id, dataset.replaceAll("[^A-Za-z0-9._-]+", "-"), shapeId(shape));
  }

  private static String shapeId(SweepSummary.Shape shape) {
    return Numbers.text("%dx%d-%d", shape.chunkCount(), shape.chunkTokens(), shape.length());
  }

  /** A prompt shape as text. */
  public static String words(SweepSummary.Shape shape) {
    return Numbers.text(
        "%d chunks of %d tokens, %d tokens in all",
        shape.chunkCount(), shape.chunkTokens(), shape.length());
  }
}
