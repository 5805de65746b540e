package ai.cacheblend.worker.forecast;

import ai.cacheblend.worker.blend.LayerWork;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Row counts of layers that have run, and what the first use of a row count costs: libraries of
 * matrix products choose their kernels by row count, and CUDA loads a kernel when it is launched
 * first. Not thread-safe.
 */
final class FirstUses {
  private static final int MAX_ROW_COUNTS = 4096;
  private static final int LATEST = 8;

  private final Map<Double, Boolean> used = bounded();

  /** Prompts for which a row count would have been best if it had run before. */
  private final Map<Double, Integer> missed = bounded();

  private final RecentMedian cost = new RecentMedian(LATEST);

  private static <V> Map<Double, V> bounded() {
    return new LinkedHashMap<>(16, .75f, true) {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Double, V> eldest) {
        return size() > MAX_ROW_COUNTS;
      }
    };
  }

  /** Row counts of the prefill that have not run, each counted once. */
  int count(List<LayerWork> work) {
    int count = 0;
    for (int layer = 0; layer < work.size(); layer++) {
      if (isFirst(work, layer)) {
        count++;
      }
    }
    return count;
  }

  /** Whether a layer is the first of the prefill with a row count that has not run. */
  private boolean isFirst(List<LayerWork> work, int layer) {
    double rows = work.get(layer).rows();
    if (rows == 0 || used.containsKey(rows)) {
      return false;
    }
    for (int before = layer - 1; before >= 0; before--) {
      if (work.get(before).rows() == rows) {
        return false;
      }
    }
    return true;
  }

  /** The prefill has run. */
  void add(List<LayerWork> work) {
    for (LayerWork layer : work) {
      used.put(layer.rows(), true);
      missed.remove(layer.rows());
    }
  }

  /**
   * @param seconds that the first use of one row count took longer than later uses
   */
  void addCost(double seconds) {
    cost.add(seconds);
  }

  /** The prefill would have been the best one if its row counts had run before. */
  void addMissed(List<LayerWork> work) {
    for (int layer = 0; layer < work.size(); layer++) {
      if (isFirst(work, layer)) {
        missed.merge(work.get(layer).rows(), 1, Integer::sum);
      }
    }
  }

  /** Adds the cost of first uses to the layers where they happen. */
  void addWhole(List<LayerWork> work, double[] layerSeconds) {
    add(work, layerSeconds, false);
  }

  /**
   * The same, shared with later prompts. A row count that was missed n times is expected to be used
   * n times more.
   */
  void addShare(List<LayerWork> work, double[] layerSeconds) {
    add(work, layerSeconds, true);
  }

  private void add(List<LayerWork> work, double[] layerSeconds, boolean share) {
    double seconds = Math.max(0, cost.value().orElse(0));
    for (int layer = 0; layer < work.size(); layer++) {
      if (isFirst(work, layer)) {
        int uses = share ? 1 + missed.getOrDefault(work.get(layer).rows(), 0) : 1;
        layerSeconds[layer] += seconds / uses;
      }
    }
  }
}
