package ai.cacheblend.orchestrator.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The order of arms in each block: random, and balanced over blocks.
 *
 * <p>Blocks form cycles of a Williams design whose labels and rows are shuffled by the seed. In n
 * blocks that start at a multiple of n, each of n arms has each position once. In a cycle (n blocks
 * for an even n, 2n for an odd one) each arm also follows each other arm equally often, so that
 * carry-over effects are balanced. E. J. Williams, "Experimental designs balanced for the
 * estimation of residual effects of treatments", 1949.
 */
public final class BlockOrder {
  private final List<NamedArm> arms;
  private final long seed;

  public BlockOrder(List<NamedArm> arms, long seed) {
    this.arms = List.copyOf(arms);
    this.seed = seed;
  }

  /** The arms in the order of block {@code block}, from 0: a function of seed and block. */
  public List<NamedArm> of(int block) {
    int count = arms.size();
    int squareCount = count % 2 == 0 ? 1 : 2;
    int cycle = block / (count * squareCount);
    int square = block / count % squareCount;
    List<Integer> labels = shuffled(count, cycle, 0);
    List<Integer> shifts = shuffled(count, cycle, 1 + square);
    int shift = shifts.get(block % count);
    List<Integer> places = zigzag(count);
    if (square == 1) {
      Collections.reverse(places);
    }
    return places.stream().map(p -> arms.get(labels.get((p + shift) % count))).toList();
  }

  /** 0, 1, n-1, 2, n-2, ...: all differences of neighbours are distinct. */
  private static List<Integer> zigzag(int count) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.add(i % 2 == 1 ? (i + 1) / 2 : (count - i / 2) % count);
    }
    return places;
  }

  private List<Integer> shuffled(int count, int cycle, int stream) {
    SplittableRandom random =
        new SplittableRandom(new SplittableRandom(seed).nextLong() + 3L * cycle + stream);
    List<Integer> values = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    for (int last = count - 1; last > 0; last--) {
      Collections.swap(values, last, random.nextInt(last + 1));
    }
    return values;
  }
}
