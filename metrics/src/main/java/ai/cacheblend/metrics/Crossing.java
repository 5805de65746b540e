package ai.cacheblend.metrics;

/**
 * Where a share that falls with a load crosses a limit, from shares that were measured at some
 * loads. The shares are first made monotone by isotonic regression (pool adjacent violators), so
 * that noise in one of them cannot make several crossings.
 */
public final class Crossing {
  private Crossing() {}

  /**
   * The load at which the share equals {@code limit}: between the last load whose fitted share is
   * at least {@code limit} and the next one, linearly in the logarithm of the load.
   *
   * @param loads positive, strictly ascending
   * @param hits units within the limit at each load
   * @param counts all units at each load, 1 or more
   * @param limit between 0 and 1
   * @return 0 if the share is below the limit at every load, infinity if it is below at none
   */
  public static double of(double[] loads, double[] hits, double[] counts, double limit) {
    check(loads, hits, counts, limit);
    double[] fitted = falling(hits, counts);
    int last = -1;
    for (int i = 0; i < loads.length; i++) {
      if (fitted[i] >= limit) {
        last = i;
      }
    }
    if (last < 0) {
      return 0;
    }
    if (last == loads.length - 1) {
      return Double.POSITIVE_INFINITY;
    }
    double part = (fitted[last] - limit) / (fitted[last] - fitted[last + 1]);
    return loads[last] * Math.pow(loads[last + 1] / loads[last], part);
  }

  /** The non-increasing shares that are closest to hits / counts in weighted squares. */
  static double[] falling(double[] hits, double[] counts) {
    int n = hits.length;
    double[] blockHits = new double[n];
    double[] blockCounts = new double[n];
    int[] sizes = new int[n];
    int blocks = 0;
    for (int i = 0; i < n; i++) {
      blockHits[blocks] = hits[i];
      blockCounts[blocks] = counts[i];
      sizes[blocks++] = 1;
      while (blocks > 1
          && blockHits[blocks - 2] / blockCounts[blocks - 2]
              < blockHits[blocks - 1] / blockCounts[blocks - 1]) {
        blocks--;
        blockHits[blocks - 1] += blockHits[blocks];
        blockCounts[blocks - 1] += blockCounts[blocks];
        sizes[blocks - 1] += sizes[blocks];
      }
    }
    double[] fitted = new double[n];
    int next = 0;
    for (int block = 0; block < blocks; block++) {
      for (int i = 0; i < sizes[block]; i++) {
        fitted[next++] = blockHits[block] / blockCounts[block];
      }
    }
    return fitted;
  }

  private static void check(double[] loads, double[] hits, double[] counts, double limit) {
    if (loads.length == 0 || hits.length != loads.length || counts.length != loads.length) {
      throw new IllegalArgumentException(
          "loads, hits, counts: %d, %d, %d values; use one or more, equally many"
              .formatted(loads.length, hits.length, counts.length));
    }
    Samples.checkRange("limit", limit, 0, 1);
    for (int i = 0; i < loads.length; i++) {
      if (!(loads[i] > (i == 0 ? 0 : loads[i - 1]))) {
        throw new IllegalArgumentException("loads[" + i + "]: " + loads[i] + "; use rising loads");
      }
      if (!(counts[i] > 0)) {
        throw new IllegalArgumentException("counts[" + i + "]: " + counts[i] + "; use 1 or more");
      }
      Samples.checkRange("hits[" + i + "]", hits[i], 0, counts[i]);
    }
  }
}
