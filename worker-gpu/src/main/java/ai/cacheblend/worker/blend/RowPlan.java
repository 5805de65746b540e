package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;

/**
 * What the first step of a prompt computes.
 *
 * @param chosenPositions rows that are active at layer 0, ascending; empty: every row of the prompt
 * @param forcedRowCount rows without cached KV, and the last row
 * @param eligibleRowCount cached rows but the last row of the prompt; the budget is a share of
 *     these
 * @param keepCounts per check layer of the graph: eligible rows that stay active after it, −1: all
 *     stay
 * @param tensor what is compared at the check layers
 */
public record RowPlan(
    Optional<ImmutableIntArray> chosenPositions,
    int forcedRowCount,
    int eligibleRowCount,
    ImmutableIntArray keepCounts,
    Selector.Tensor tensor) {

  public RowPlan {
    requireNonNull(chosenPositions, "chosenPositions is null");
    requireNonNull(keepCounts, "keepCounts is null");
    requireNonNull(tensor, "tensor is null");
    int first = firstRowCount(chosenPositions, forcedRowCount, eligibleRowCount);
    checkArgument(first >= forcedRowCount && forcedRowCount >= 1, "forced rows are always active");
    checkArgument(
        first <= forcedRowCount + eligibleRowCount, "more active rows than the prompt has");
  }

  public int promptRowCount() {
    return forcedRowCount + eligibleRowCount;
  }

  /** Rows that are active to the last layer. */
  public int lastRowCount() {
    int count = firstRowCount(chosenPositions, forcedRowCount, eligibleRowCount);
    for (int i = 0; i < keepCounts.length(); i++) {
      if (keepCounts.get(i) >= 0) {
        count = Math.min(count, forcedRowCount + keepCounts.get(i));
      }
    }
    return count;
  }

  private static int firstRowCount(
      Optional<ImmutableIntArray> chosen, int forcedRowCount, int eligibleRowCount) {
    return chosen.isPresent() ? chosen.get().length() : forcedRowCount + eligibleRowCount;
  }
}
