package ai.cacheblend.metrics;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/**
 * Paired permutation test: if candidate and baseline are exchangeable on every sample, each
 * difference is as likely with the opposite sign.
 */
public final class PermutationTest {
  private static final int RANDOM_ASSIGNMENTS = 9_999;

  /** Up to this many nonzero differences, all 2^n assignments of signs are enumerated. */
  private static final int MAX_ENUMERATED = 14;

  /** Relative tolerance within which two sums count as equal. */
  private static final double ROUNDING = 1e-12;

  private PermutationTest() {}

  /**
   * Two-sided p value: the share of assignments of signs whose sum is at least as far from 0 as the
   * observed one. The same seed gives the same value.
   *
   * @throws IllegalArgumentException if there is no difference or one is NaN or infinite
   */
  public static double pTwoSided(double[] differences, long seed) {
    Samples.checked("differences", differences);
    double[] nonzero = Arrays.stream(differences).filter(d -> d != 0).toArray();
    double observed = Math.abs(Arrays.stream(nonzero).sum());
    double limit = observed - ROUNDING * (1 + observed);
    return nonzero.length <= MAX_ENUMERATED
        ? enumerated(nonzero, limit)
        : sampled(nonzero, limit, RandomSource.XO_RO_SHI_RO_128_PP.create(~seed));
  }

  private static double enumerated(double[] nonzero, double limit) {
    int all = 1 << nonzero.length;
    int extreme = 0;
    for (int signs = 0; signs < all; signs++) {
      extreme += Math.abs(signedSum(nonzero, signs)) >= limit ? 1 : 0;
    }
    return (double) extreme / all;
  }

  /** The observed assignment counts as one of the draws, so that p is never 0. */
  private static double sampled(double[] nonzero, double limit, UniformRandomProvider random) {
    int extreme = 1;
    for (int i = 0; i < RANDOM_ASSIGNMENTS; i++) {
      double sum = 0;
      for (double difference : nonzero) {
        sum += random.nextBoolean() ? difference : -difference;
      }
      extreme += Math.abs(sum) >= limit ? 1 : 0;
    }
    return (double) extreme / (RANDOM_ASSIGNMENTS + 1);
  }

  /** Bit i of {@code signs} negates difference i. */
  private static double signedSum(double[] differences, int signs) {
    double sum = 0;
    for (int i = 0; i < differences.length; i++) {
      sum += (signs >> i & 1) == 0 ? differences[i] : -differences[i];
    }
    return sum;
  }
}
