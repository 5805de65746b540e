package ai.cacheblend.orchestrator.records;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the runs of a sweep say together.
 *
 * @param points by data set, chunk size, length and arm
 * @param parts names of the folders of its runs
 */
public record SweepRun(RunFacts facts, List<Point> points, List<String> parts) implements Run {

  /** The prompts that speed was measured on. */
  public record Shape(int chunkTokens, int chunkCount, int length) {}

  /**
   * One arm with one prompt shape and data set.
   *
   * @param clientTtft in seconds
   * @param speedUp empty for full prefill
   * @param difference empty for full prefill
   * @param onFrontier whether no other arm beats it by the means
   * @param resolved whether that holds beyond the intervals of the differences
   */
  public record Point(
      String arm,
      Shape shape,
      String dataset,
      String metric,
      Statistics clientTtft,
      Optional<SpeedUpFigures> speedUp,
      Statistics score,
      Optional<QualityRun.Difference> difference,
      boolean onFrontier,
      boolean resolved) {
    static Point of(JsonSource json) {
      return new Point(
          json.text("arm"),
          new Shape(json.integer("chunk_tokens"), json.integer("chunks"), json.integer("length")),
          json.text("dataset"),
          json.text("metric"),
          Statistics.of(json.get("client_ttft")),
          json.find("speedup").map(SpeedUpFigures::of),
          Statistics.of(json.get("score")),
          json.find(QualityJson.DIFFERENCE).map(QualityRun.Difference::of),
          json.bool("frontier"),
          json.bool("frontier_resolved"));
    }
  }

  public SweepRun {
    points = List.copyOf(points);
    parts = List.copyOf(parts);
  }

  static SweepRun read(Path folder, JsonSource result) {
    return new SweepRun(
        RunFacts.of(folder, result),
        result.list("points", Point::of),
        result.list("parts", part -> part.node().asText()));
  }

  /** Its runs have those. */
  @Override
  public List<Example> examples() {
    return List.of();
  }

  public List<String> datasets() {
    return points.stream().map(Point::dataset).distinct().toList();
  }

  public List<Shape> shapes() {
    return points.stream().map(Point::shape).distinct().toList();
  }

  public List<Point> points(String dataset, Shape shape) {
    return points.stream()
        .filter(point -> point.dataset().equals(dataset) && point.shape().equals(shape))
        .toList();
  }

  /** Whether {@code run} is one of its parts. */
  public boolean has(Run run) {
    return parts.stream()
        .anyMatch(part -> facts.folder().resolve(part).equals(run.facts().folder()));
  }
}
