package ai.cacheblend.orchestrator.page.chart;

import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import java.util.ArrayList;
import java.util.List;

/** The charts of a sweep. */
public final class SweepCharts {
  private SweepCharts() {}

  /** For each data set quality against speed-up, the longest prompts first; then speed by shape. */
  public static List<Chart> of(String id, SweepResult run, ArmStyles styles) {
    List<Chart> charts = new ArrayList<>();
    List<SweepSummary.Shape> shapes = new ArrayList<>(run.shapes());
    shapes.sort((a, b) -> Integer.compare(b.length(), a.length()));
    for (String dataset : run.datasets()) {
      for (SweepSummary.Shape shape : shapes) {
        List<SweepSummary.Point> points = run.points(dataset, shape);
        if (!points.isEmpty()) {
          charts.add(frontier(id, dataset, shape, points, styles));
        }
      }
    }
    if (shapes.size() > 1) {
      charts.add(ShapeChart.of(id + "-shapes", run, styles));
    }
    return charts;
  }

  private static Chart frontier(
      String id,
      String dataset,
      SweepSummary.Shape shape,
      List<SweepSummary.Point> points,
      ArmStyles styles) {
    return FrontierChart.of(
        Figures.text(
            "%s-frontier-%s-%dx%d-%d",
            id,
            dataset.replaceAll("[^A-Za-z0-9._-]+", "-"),
            shape.chunkCount(),
            shape.chunkTokens(),
            shape.length()),
        Figures.text("Quality on %s against speed-up with %s", dataset, words(shape)),
        points,
        styles);
  }

  /** A prompt shape in words. */
  public static String words(SweepSummary.Shape shape) {
    return Figures.text(
        "%d x %d tokens in chunks, %d in all",
        shape.chunkCount(), shape.chunkTokens(), shape.length());
  }
}
