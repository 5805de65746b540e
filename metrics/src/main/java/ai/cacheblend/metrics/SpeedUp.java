package ai.cacheblend.metrics;

import java.util.Arrays;

/**
 * Ratio of baseline time to candidate time over paired trials; above 1 if the candidate is faster.
 *
 * @param n number of pairs
 * @param ratioOfMeans mean baseline time over mean candidate time, as most publications report it
 * @param geometricMean the geometric mean of the ratios of the pairs
 * @param low95 the lower end of the 95 % interval of the geometric mean (t interval of the
 *     logarithms of the ratios); NaN if n is 1
 * @param high95 the upper end; NaN if n is 1
 */
public record SpeedUp(
    int n, double ratioOfMeans, double geometricMean, double low95, double high95) {

  public SpeedUp {
    if (n < 1) {
      throw new IllegalArgumentException("n: " + n + "; use one pair or more");
    }
    checkPositive("ratioOfMeans", ratioOfMeans);
    checkPositive("geometricMean", geometricMean);
    boolean ordered = low95 <= high95;
    if (n == 1 ? !(Double.isNaN(low95) && Double.isNaN(high95)) : !ordered) {
      throw new IllegalArgumentException(
          "low95, high95: "
              + low95
              + ", "
              + high95
              + " for n = "
              + n
              + "; NaN for one pair, else in order");
    }
  }

  /**
   * Pairs the times by index; any unit, the same on both sides.
   *
   * @throws IllegalArgumentException if the lengths differ, or are 0, or a time is not positive
   */
  public static SpeedUp ofPairs(double[] baselineTimes, double[] candidateTimes) {
    PairedDifference logs =
        PairedDifference.of(
            logarithms("baselineTimes", baselineTimes),
            logarithms("candidateTimes", candidateTimes));
    return new SpeedUp(
        logs.n(),
        ofMeans(Summary.of(baselineTimes), Summary.of(candidateTimes)),
        Math.exp(logs.mean()),
        Math.exp(logs.low95()),
        Math.exp(logs.high95()));
  }

  /** Mean baseline time over mean candidate time, for trials that are not paired. */
  public static double ofMeans(Summary baseline, Summary candidate) {
    checkPositive("baseline.mean", baseline.mean());
    checkPositive("candidate.mean", candidate.mean());
    return baseline.mean() / candidate.mean();
  }

  /** Whether the 95 % interval excludes 1; false for one pair. */
  public boolean isResolved() {
    return low95 > 1 || high95 < 1;
  }

  private static double[] logarithms(String name, double[] times) {
    for (int i = 0; i < times.length; i++) {
      checkPositive(name + "[" + i + "]", times[i]);
    }
    return Arrays.stream(times).map(Math::log).toArray();
  }

  private static void checkPositive(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(name + ": " + value + "; use a positive, finite time");
    }
  }
}
