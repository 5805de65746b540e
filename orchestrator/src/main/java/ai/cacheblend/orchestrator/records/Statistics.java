package ai.cacheblend.orchestrator.records;

/**
 * Figures of repeated measurements, as a result file gives them.
 *
 * @param std sample standard deviation; NaN if n is 1, like the ends of the interval
 * @param low95 lower end of the 95 % t interval of the mean
 */
public record Statistics(
    int n,
    double mean,
    double std,
    double median,
    double min,
    double max,
    double low95,
    double high95) {

  static Statistics of(JsonSource json) {
    return new Statistics(
        json.integer("n"),
        json.number("mean"),
        json.numberOrNan("std"),
        json.number("median"),
        json.number("min"),
        json.number("max"),
        json.numberOrNan("low95"),
        json.numberOrNan("high95"));
  }

  public double halfWidth95() {
    return (high95 - low95) / 2;
  }
}
