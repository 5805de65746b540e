package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;

/**
 * What the first step of a prompt computes.
 *
 * @param firstPositions rows that are active at layer 0, ascending
 * @param forcedRowCount rows without cached KV, and the last row
 * @param eligibleRowCount cached rows but the last row of the prompt; the budget is a share of
 *     these
 * @param keepCounts per check layer of the graph: eligible rows that stay active after it, −1: all
 *     stay
 * @param tensor what is compared at the check layers
 */
public record RowPlan(
    ImmutableIntArray firstPositions,
    int forcedRowCount,
    int eligibleRowCount,
    ImmutableIntArray keepCounts,
    Selector.Tensor tensor) {

  public RowPlan {
    requireNonNull(firstPositions, "firstPositions is null");
    requireNonNull(keepCounts, "keepCounts is null");
    requireNonNull(tensor, "tensor is null");
    checkArgument(
        firstPositions.length() >= forcedRowCount && forcedRowCount >= 1,
        "forced rows are always active");
    checkArgument(
        firstPositions.length() <= forcedRowCount + eligibleRowCount,
        "more active rows than the prompt has");
  }

  /** Rows that are active to the last layer. */
  public int lastRowCount() {
    int count = firstPositions.length();
    for (int i = 0; i < keepCounts.length(); i++) {
      if (keepCounts.get(i) >= 0) {
        count = Math.min(count, forcedRowCount + keepCounts.get(i));
      }
    }
    return count;
  }
}
