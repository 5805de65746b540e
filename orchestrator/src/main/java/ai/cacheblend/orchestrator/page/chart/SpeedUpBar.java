package ai.cacheblend.orchestrator.page.chart;

/**
 * The drawn part of a speed-up's interval: that of very few trials would leave no room for anything
 * else, and is cut.
 */
final class SpeedUpBar {
  /** From the mean, as a ratio. */
  private static final double LONGEST = 3;

  private SpeedUpBar() {}

  /** The lower end; the mean where there is no interval. */
  static double low(double mean, double low95) {
    return Double.isFinite(low95) ? Math.max(low95, mean / LONGEST) : mean;
  }

  static double high(double mean, double high95) {
    return Double.isFinite(high95) ? Math.min(high95, mean * LONGEST) : mean;
  }
}
