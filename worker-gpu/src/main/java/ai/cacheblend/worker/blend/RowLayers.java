package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;

/**
 * Rows with fresh KV, summed over layers: the cost of an arm. The charged budget is {@code
 * (recomputed + probed) / (layers · eligible rows)}, beside the nominal recompute ratio.
 *
 * @param forced forced rows of the prefill
 * @param recomputed eligible rows of the prefill, in check layers and before them those that are
 *     dropped later, too
 * @param probed rows of the probe before it, in the layers up to the last one that it adds up
 */
public record RowLayers(long forced, long recomputed, long probed) {
  public RowLayers {
    checkArgument(
        forced >= 0 && recomputed >= 0 && probed >= 0,
        "%s forced, %s recomputed or %s probed rows are negative",
        forced,
        recomputed,
        probed);
  }

  /** Of a prompt on a graph with these check layers. */
  static RowLayers of(RowPlan plan, List<Integer> checkLayers, int layerCount) {
    long recomputed = 0;
    for (int rows : eligibleRows(plan, checkLayers, layerCount)) {
      recomputed += rows;
    }
    long probed =
        plan.attention()
            .map(probe -> (long) probe.positions().length() * probe.layerEnd())
            .orElse(0L);
    return new RowLayers((long) plan.forcedRowCount() * layerCount, recomputed, probed);
  }

  /** Eligible rows with fresh KV of each layer, without those of the probe. */
  static int[] eligibleRows(RowPlan plan, List<Integer> checkLayers, int layerCount) {
    int[] rows = new int[layerCount];
    int active = plan.firstRowCount() - plan.forcedRowCount();
    int layer = 0;
    for (int check = 0; check < checkLayers.size(); check++) {
      // A check layer still computes the KV of the rows that it drops.
      int next = checkLayers.get(check) + 1;
      Arrays.fill(rows, layer, next, active);
      layer = next;
      if (plan.keepCounts().get(check) >= 0) {
        active = Math.min(active, plan.keepCounts().get(check));
      }
    }
    Arrays.fill(rows, layer, layerCount, active);
    return rows;
  }

  public long total() {
    return forced + recomputed + probed;
  }
}
