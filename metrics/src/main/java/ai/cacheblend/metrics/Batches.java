package ai.cacheblend.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits values that were measured one after the other into batches of neighbours. The waiting
 * times of neighbouring requests are correlated; the means of long batches are nearly independent.
 */
public final class Batches {
  private Batches() {}

  /**
   * Batches of nearly equal size, in order: as many as possible, up to {@code maxCount}, with at
   * least {@code minSize} values each. Fewer than {@code minSize} values form one batch.
   */
  public static List<double[]> of(double[] values, int minSize, int maxCount) {
    List<double[]> batches = new ArrayList<>();
    for (int[] range : ranges(values.length, minSize, maxCount)) {
      batches.add(Arrays.copyOfRange(values, range[0], range[1]));
    }
    return batches;
  }

  /**
   * The bounds of the batches of {@code count} values: index of the first value, and index behind
   * the last.
   */
  public static List<int[]> ranges(int count, int minSize, int maxCount) {
    if (count < 0 || minSize < 1 || maxCount < 1) {
      throw new IllegalArgumentException(
          "count, minSize, maxCount: "
              + count
              + ", "
              + minSize
              + ", "
              + maxCount
              + "; use 0 or more, 1 or more, 1 or more");
    }
    List<int[]> ranges = new ArrayList<>();
    int batches = Math.max(1, Math.min(maxCount, count / minSize));
    for (int i = 0; i < batches && count > 0; i++) {
      ranges.add(
          new int[] {(int) ((long) count * i / batches), (int) ((long) count * (i + 1) / batches)});
    }
    return ranges;
  }
}
