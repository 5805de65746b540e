package ai.cacheblend.metrics;

import com.google.common.primitives.Doubles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/**
 * 95 % percentile intervals by the block bootstrap: whole blocks of neighbouring values are drawn
 * with replacement, so that correlation within a block is kept. H. R. Künsch, "The jackknife and
 * the bootstrap for general stationary observations", 1989.
 */
public final class BlockBootstrap {
  private static final int RESAMPLES = 1_000;
  private static final double TAIL = 0.025;

  /** With fewer blocks, resamples have too few different values. */
  private static final int MIN_BLOCKS = 5;

  /** Ascending, each block and all values together. */
  private final List<double[]> blocks;

  private final double[] all;

  private BlockBootstrap(List<double[]> blocks, double[] all) {
    this.blocks = blocks;
    this.all = all;
  }

  /**
   * The bootstrap of these blocks; their values may have any order.
   *
   * @throws IllegalArgumentException if a value is NaN or infinite, or there is none
   */
  public static BlockBootstrap of(List<double[]> blocks) {
    List<double[]> sorted = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      sorted.add(Samples.sorted("block " + i, blocks.get(i)));
    }
    return new BlockBootstrap(
        sorted, Samples.sorted("values", Doubles.concat(blocks.toArray(double[][]::new))));
  }

  /**
   * The interval of a statistic.
   *
   * @param blockCount number of blocks
   * @param statistic of a resample, given how often each block is in it. It may be infinite, not
   *     NaN
   * @return the ends of the interval, of which one may be infinite; empty if there are fewer than 5
   *     blocks
   */
  public static Optional<double[]> ends95(
      int blockCount, ToDoubleFunction<int[]> statistic, long seed) {
    if (blockCount < MIN_BLOCKS) {
      return Optional.empty();
    }
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    double[] values = new double[RESAMPLES];
    int[] multiplicities = new int[blockCount];
    for (int i = 0; i < RESAMPLES; i++) {
      Arrays.fill(multiplicities, 0);
      for (int drawn = 0; drawn < blockCount; drawn++) {
        multiplicities[random.nextInt(blockCount)]++;
      }
      values[i] = statistic.applyAsDouble(multiplicities);
    }
    Arrays.sort(values);
    int low = (int) Math.floor(TAIL * (RESAMPLES - 1));
    return Optional.of(new double[] {values[low], values[RESAMPLES - 1 - low]});
  }

  /**
   * The interval of the nearest-rank percentile of all values together.
   *
   * @param fraction 0.95 for p95
   * @return empty if there are fewer than 5 blocks, or too few values for the percentile
   */
  public Optional<Interval> percentile95(double fraction, long seed) {
    if (all.length < Percentiles.minimumCount(fraction)) {
      return Optional.empty();
    }
    return ends95(blocks.size(), times -> percentile(times, fraction), seed)
        .map(ends -> new Interval(ends[0], ends[1]));
  }

  /** The least value that so many values of the resample do not exceed: a bisection of all. */
  private double percentile(int[] times, double fraction) {
    long total = 0;
    for (int block = 0; block < times.length; block++) {
      total += (long) times[block] * blocks.get(block).length;
    }
    long rank = (long) Math.ceil(fraction * total - 1e-9);
    int low = 0;
    int high = all.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      long notAbove = 0;
      for (int block = 0; block < times.length; block++) {
        if (times[block] > 0) {
          notAbove += (long) times[block] * countUpTo(blocks.get(block), all[middle]);
        }
      }
      if (notAbove >= rank) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return all[low];
  }

  /** Values that do not exceed {@code limit}. */
  private static int countUpTo(double[] sorted, double limit) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= limit) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
