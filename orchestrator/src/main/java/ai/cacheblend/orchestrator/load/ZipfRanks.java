package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.Popularity;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Draws different ranks, one after the other, each with a probability by its popularity. */
final class ZipfRanks {
  /** Draws per rank before the slow method; it is used where few ranks have all the weight. */
  private static final int MAX_DRAWS = 64;

  private final double[] weights;
  private final double[] cumulative;

  ZipfRanks(int count, Popularity popularity) {
    weights =
        IntStream.rangeClosed(1, count)
            .mapToDouble(rank -> Math.pow(rank, -popularity.exponent()))
            .toArray();
    cumulative = weights.clone();
    Arrays.parallelPrefix(cumulative, Double::sum);
  }

  /** {@code count} different ranks from 0, in the order in which they are drawn. */
  int[] draw(int count, SplittableRandom random) {
    Set<Integer> ranks = new LinkedHashSet<>();
    for (int i = 0; i < MAX_DRAWS * count && ranks.size() < count; i++) {
      ranks.add(one(random));
    }
    return ranks.size() == count
        ? ranks.stream().mapToInt(Integer::intValue).toArray()
        : byKeys(count, random);
  }

  private int one(SplittableRandom random) {
    double at = random.nextDouble() * cumulative[cumulative.length - 1];
    int found = Arrays.binarySearch(cumulative, at);
    return Math.min(found >= 0 ? found + 1 : -found - 1, cumulative.length - 1);
  }

  /**
   * The same distribution without rejection: the ranks with the earliest of independent exponential
   * times. P. S. Efraimidis and P. G. Spirakis, "Weighted random sampling with a reservoir", 2006.
   */
  private int[] byKeys(int count, SplittableRandom random) {
    double[] times = new double[weights.length];
    for (int i = 0; i < times.length; i++) {
      times[i] = -Math.log(1 - random.nextDouble()) / weights[i];
    }
    return IntStream.range(0, times.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> times[i]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
