package ai.cacheblend.metrics;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Holm's correction for multiple tests: the probability of rejecting any true null hypothesis of
 * the family is at most the level, under any dependence between the tests.
 */
public final class Holm {
  private Holm() {}

  /**
   * Adjusted p values in the order of {@code p}. Reject the hypotheses whose adjusted p value is at
   * most the level.
   *
   * @throws IllegalArgumentException if a value is not in [0, 1]
   */
  public static double[] adjusted(double... p) {
    for (int i = 0; i < p.length; i++) {
      if (!(p[i] >= 0 && p[i] <= 1)) {
        throw new IllegalArgumentException("p[" + i + "]: " + p[i] + "; use a value from 0 to 1");
      }
    }
    int[] ascending =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] adjusted = new double[p.length];
    double highest = 0;
    for (int rank = 0; rank < p.length; rank++) {
      int index = ascending[rank];
      highest = Math.max(highest, Math.min(1, (p.length - rank) * p[index]));
      adjusted[index] = highest;
    }
    return adjusted;
  }
}
