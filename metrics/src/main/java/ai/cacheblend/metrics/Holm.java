package ai.cacheblend.metrics;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Holm's correction for several tests at once: the chance that any true null hypothesis of the
 * family is rejected stays at the level, whatever depends on what.
 */
public final class Holm {
  private Holm() {}

  /**
   * Adjusted p values in the order of {@code p}: reject those at or below the level.
   *
   * @throws IllegalArgumentException if a value is not in [0, 1]
   */
  public static double[] adjusted(double... p) {
    for (int i = 0; i < p.length; i++) {
      if (!(p[i] >= 0 && p[i] <= 1)) {
        throw new IllegalArgumentException("p[" + i + "]: " + p[i] + "; must lie in [0, 1]");
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
