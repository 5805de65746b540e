package ai.cacheblend.orchestrator.run;

import static java.util.Comparator.comparingInt;

import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.Sample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The order in which samples start.
 *
 * @param indices of the samples in the data set, each once
 */
public record SampleOrder(List<Integer> indices) {
  /** Other draws from the seed of a plan are independent of this one. */
  private static final long SALT = 0x5a3b1eedL;

  public SampleOrder {
    indices = List.copyOf(indices);
  }

  /** The samples in this order; those that it lacks come last. */
  List<Sample> sorted(List<Sample> samples) {
    Map<Integer, Integer> ranks = new HashMap<>();
    indices.forEach(index -> ranks.put(index, ranks.size()));
    return samples.stream()
        .sorted(comparingInt(sample -> ranks.getOrDefault(sample.index(), ranks.size())))
        .toList();
  }

  /** The first {@code count} samples. */
  public SampleOrder first(int count) {
    return new SampleOrder(indices.subList(0, count));
  }

  /** The samples behind the first {@code count}. */
  public SampleOrder after(int count) {
    return new SampleOrder(indices.subList(count, indices.size()));
  }

  static SampleOrder ofDataset(int count) {
    return new SampleOrder(IntStream.range(0, count).boxed().toList());
  }

  /**
   * A random order, drawn from the seed of the plan. A sequential test looks at the first samples
   * most often, so a data set that is sorted, for example by difficulty, would bias it.
   */
  public static SampleOrder random(QualityPlan plan) {
    int[] indices = IntStream.range(0, plan.samples()).toArray();
    SplittableRandom random = new SplittableRandom(plan.seed() ^ SALT);
    // Fisher and Yates (1938), in the form of Durstenfeld (1964).
    for (int last = indices.length - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int index = indices[last];
      indices[last] = indices[other];
      indices[other] = index;
    }
    return new SampleOrder(IntStream.of(indices).boxed().toList());
  }
}
