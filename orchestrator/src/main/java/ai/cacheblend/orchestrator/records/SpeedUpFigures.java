package ai.cacheblend.orchestrator.records;

/**
 * Full prefill over an arm, by client TTFT.
 *
 * @param geometricMean of the ratios of the blocks, and its 95 % interval
 * @param resolved whether the interval excludes 1
 */
public record SpeedUpFigures(
    int n,
    double ratioOfMeans,
    double geometricMean,
    double low95,
    double high95,
    boolean resolved) {

  static SpeedUpFigures of(JsonSource json) {
    return new SpeedUpFigures(
        json.integer("n"),
        json.number("ratio_of_means"),
        json.number("geometric_mean"),
        json.numberOrNan("low95"),
        json.numberOrNan("high95"),
        json.bool("resolved"));
  }
}
