package ai.cacheblend.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Detects outliers, which reports flag and keep.
 *
 * <p>Hampel's identifier: the distance from the median in units of the scaled median absolute
 * deviation. That deviation varies strongly in small samples: a fixed limit of 3.5 flags a value in
 * every fifth sample of five normal values, and in every seventh with small-sample bias factors.
 * The limit therefore depends on the number of values, standardised as in L. Davies and U. Gather,
 * "The Identification of Multiple Outliers", Journal of the American Statistical Association 88
 * (1993): one in a hundred samples of normal values has a value beyond it.
 */
public final class Outliers {
  /** Smaller samples have no outliers by definition. */
  private static final int MINIMUM_COUNT = 5;

  /** Share of samples of normal values with an outlier. */
  private static final double SAMPLE_LEVEL = 0.01;

  /** Scales a median absolute deviation to the standard deviation of normal values. */
  private static final double MEDIAN_SCALE = 1.482602218505602;

  /** Scales a mean absolute deviation to the standard deviation of normal values. */
  private static final double MEAN_SCALE = 1.2533141373155;

  /**
   * The 99th percentile of the largest distance in samples of 5 to 20 normal values, by 2 million
   * samples of each: {@code src/test/python/statistics_golden.py}.
   */
  private static final double[] LIMITS = {
    18.54, 10.07, 10.66, 7.96, 8.23, 6.91, 7.08, 6.29, 6.39, 5.87, 5.96, 5.60, 5.65, 5.38, 5.43,
    5.23
  };

  /** Relative excess over the limit for a known deviation, times the number of values. */
  private static final double LIMIT_EXCESS = 10.3;

  private Outliers() {}

  /**
   * Indices of outliers, ascending.
   *
   * @throws IllegalArgumentException if there is no value or one is NaN or infinite
   */
  public static List<Integer> indices(double... values) {
    double median = Summary.of(values).median();
    double[] deviations = Arrays.stream(values).map(value -> Math.abs(value - median)).toArray();
    double scale = scale(deviations);
    if (values.length < MINIMUM_COUNT || scale == 0) {
      return List.of();
    }
    double limit = limit(values.length);
    return IntStream.range(0, values.length)
        .filter(i -> deviations[i] / scale > limit)
        .boxed()
        .toList();
  }

  /** If more than half of the values are equal, the median deviation is 0. */
  private static double scale(double... deviations) {
    Summary spread = Summary.of(deviations);
    return spread.median() > 0 ? MEDIAN_SCALE * spread.median() : MEAN_SCALE * spread.mean();
  }

  private static double limit(int count) {
    int index = count - MINIMUM_COUNT;
    if (index < LIMITS.length) {
      return LIMITS[index];
    }
    double ofKnownDeviation =
        NormalDistribution.of(0, 1)
            .inverseSurvivalProbability((1 - Math.pow(1 - SAMPLE_LEVEL, 1.0 / count)) / 2);
    return ofKnownDeviation * (1 + LIMIT_EXCESS / count);
  }
}
