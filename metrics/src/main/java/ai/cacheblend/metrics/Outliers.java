package ai.cacheblend.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds values that stand apart; to be flagged, not dropped.
 *
 * <p>By the modified z-score of B. Iglewicz and D. Hoaglin, "How to Detect and Handle Outliers",
 * 1993: the distance from the median in units of the scaled median absolute deviation, or of the
 * scaled mean one where more than half of the values are equal.
 */
public final class Outliers {
  /** Below this nothing can be said about one of the values by the others. */
  private static final int MINIMUM_COUNT = 5;

  private static final double LIMIT = 3.5;

  /** Scale these deviations to the standard deviation of normal values. */
  private static final double MEDIAN_SCALE = 1.482602218505602;

  private static final double MEAN_SCALE = 1.2533141373155;

  private Outliers() {}

  /**
   * Indices of outliers, ascending.
   *
   * @throws IllegalArgumentException if there is no value or one is NaN or infinite
   */
  public static List<Integer> indices(double... values) {
    double median = Summary.of(values).median();
    double[] deviations = Arrays.stream(values).map(value -> Math.abs(value - median)).toArray();
    Summary spread = Summary.of(deviations);
    double scale =
        spread.median() > 0 ? MEDIAN_SCALE * spread.median() : MEAN_SCALE * spread.mean();
    if (values.length < MINIMUM_COUNT || scale == 0) {
      return List.of();
    }
    return IntStream.range(0, values.length)
        .filter(i -> deviations[i] / scale > LIMIT)
        .boxed()
        .toList();
  }
}
