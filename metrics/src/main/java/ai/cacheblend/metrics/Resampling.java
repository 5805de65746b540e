package ai.cacheblend.metrics;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * What can be said of the mean of paired differences without assuming how they are distributed.
 *
 * @param low95 lower end of the 95 % bootstrap interval of the mean
 * @param high95 its upper end
 * @param permutationP two-sided p value of the hypothesis that signs of differences are arbitrary
 */
public record Resampling(double low95, double high95, double permutationP) {
  private static final int RESAMPLE_COUNT = 9_999;

  /** Up to here all 2^n assignments of signs are tried. */
  private static final int EXACT_COUNT = 14;

  /** Sums that differ by rounding alone are equal. */
  private static final double ROUNDING = 1e-12;

  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
  private static final double LOWER_TAIL = 0.025;

  public Resampling {
    Samples.checked("low95, high95, permutationP", low95, high95, permutationP);
    if (low95 > high95) {
      throw new IllegalArgumentException(
          "low95, high95: " + low95 + ", " + high95 + "; must be in order");
    }
  }

  /**
   * Of {@code differences}; the same from the same seed.
   *
   * @throws IllegalArgumentException if there is none or one is NaN or infinite
   */
  public static Resampling of(double[] differences, long seed) {
    Interval interval = interval(differences, 1 - 2 * LOWER_TAIL, seed);
    return new Resampling(
        interval.low,
        interval.high,
        permutationP(differences, RandomSource.XO_RO_SHI_RO_128_PP.create(~seed)));
  }

  /** An interval of a mean. */
  public record Interval(double low, double high) {}

  /**
   * The bootstrap interval of another level than 95 %.
   *
   * @param level such as 0.99
   * @throws IllegalArgumentException as {@link #of}, or if the level is not between 0 and 1
   */
  public static Interval interval(double[] differences, double level, long seed) {
    Samples.checked("differences", differences);
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level: " + level + "; must lie between 0 and 1");
    }
    return bootstrap(differences, (1 - level) / 2, RandomSource.XO_RO_SHI_RO_128_PP.create(seed));
  }

  /**
   * Bias-corrected and accelerated: B. Efron, "Better Bootstrap Confidence Intervals", 1987.
   * Resampled means that equal the mean count half, as differences of scores are often equal.
   */
  private static Interval bootstrap(
      double[] differences, double lowerTail, UniformRandomProvider random) {
    int n = differences.length;
    double mean = Summary.of(differences).mean();
    double[] means = new double[RESAMPLE_COUNT];
    for (int i = 0; i < RESAMPLE_COUNT; i++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        sum += differences[random.nextInt(n)];
      }
      means[i] = sum / n;
    }
    Arrays.sort(means);
    double slack = ROUNDING * (1 + Math.abs(mean));
    double below = Arrays.stream(means).filter(m -> m < mean - slack).count();
    double equal = Arrays.stream(means).filter(m -> Math.abs(m - mean) <= slack).count();
    double share = (below + equal / 2) / RESAMPLE_COUNT;
    if (share <= 0 || share >= 1) {
      return new Interval(means[0], means[RESAMPLE_COUNT - 1]);
    }
    double bias = NORMAL.inverseCumulativeProbability(share);
    double acceleration = acceleration(differences, mean);
    return new Interval(
        quantile(means, adjusted(lowerTail, bias, acceleration)),
        quantile(means, adjusted(1 - lowerTail, bias, acceleration)));
  }

  /** A sixth of the skewness of the jackknife means, which are the mean minus d/(n-1) each. */
  private static double acceleration(double[] differences, double mean) {
    double squares = 0;
    double cubes = 0;
    for (double difference : differences) {
      double deviation = difference - mean;
      squares += deviation * deviation;
      cubes += deviation * deviation * deviation;
    }
    return squares == 0 ? 0 : cubes / (6 * Math.pow(squares, 1.5));
  }

  private static double adjusted(double tail, double bias, double acceleration) {
    double z = bias + NORMAL.inverseCumulativeProbability(tail);
    return NORMAL.cumulativeProbability(bias + z / (1 - acceleration * z));
  }

  /** Linear between the two nearest of {@code sorted}. */
  private static double quantile(double[] sorted, double fraction) {
    double place = fraction * (sorted.length - 1);
    int lower = (int) place;
    int upper = Math.min(lower + 1, sorted.length - 1);
    return sorted[lower] + (place - lower) * (sorted[upper] - sorted[lower]);
  }

  /** Share of assignments of signs whose sum is as far from 0 as the one found, which counts. */
  private static double permutationP(double[] differences, UniformRandomProvider random) {
    double[] nonzero = Arrays.stream(differences).filter(d -> d != 0).toArray();
    double found = Math.abs(Arrays.stream(nonzero).sum());
    double limit = found - ROUNDING * (1 + found);
    if (nonzero.length <= EXACT_COUNT) {
      int all = 1 << nonzero.length;
      int extreme = 0;
      for (int signs = 0; signs < all; signs++) {
        extreme += Math.abs(signedSum(nonzero, signs)) >= limit ? 1 : 0;
      }
      return (double) extreme / all;
    }
    int extreme = 1;
    for (int i = 0; i < RESAMPLE_COUNT; i++) {
      double sum = 0;
      for (double difference : nonzero) {
        sum += random.nextBoolean() ? difference : -difference;
      }
      extreme += Math.abs(sum) >= limit ? 1 : 0;
    }
    return (double) extreme / (RESAMPLE_COUNT + 1);
  }

  private static double signedSum(double[] differences, int signs) {
    double sum = 0;
    for (int i = 0; i < differences.length; i++) {
      sum += (signs >> i & 1) == 0 ? differences[i] : -differences[i];
    }
    return sum;
  }
}
