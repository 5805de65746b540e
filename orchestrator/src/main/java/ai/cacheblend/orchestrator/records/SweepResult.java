package ai.cacheblend.orchestrator.records;

import java.util.List;

/**
 * A finished sweep.
 *
 * @param parts folder names of its runs
 */
public record SweepResult(RunHeader header, SweepSummary summary, List<String> parts)
    implements Result {
  public SweepResult {
    parts = List.copyOf(parts);
  }

  /** Always empty: the parts have the examples. */
  @Override
  public List<Example> examples() {
    return List.of();
  }

  public List<SweepSummary.Point> points() {
    return summary.points();
  }

  public List<TierPoint> tiers() {
    return summary.tiers();
  }

  public List<SelectorRanking> rankings(String dataset) {
    return summary.rankings().stream().filter(r -> r.dataset().equals(dataset)).toList();
  }

  public List<String> datasets() {
    return points().stream().map(SweepSummary.Point::dataset).distinct().toList();
  }

  public List<SweepSummary.Shape> shapes() {
    return points().stream().map(SweepSummary.Point::shape).distinct().toList();
  }

  public List<SweepSummary.Point> points(String dataset, SweepSummary.Shape shape) {
    return points().stream()
        .filter(point -> point.dataset().equals(dataset) && point.shape().equals(shape))
        .toList();
  }

  /** Whether {@code result} is one of the parts. */
  public boolean contains(Result result) {
    return parts.stream()
        .anyMatch(part -> header.folder().resolve(part).equals(result.header().folder()));
  }
}
