package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;

/**
 * Rows of the prefill step of a prompt.
 *
 * @param chosenPositions rows that are active in layer 0, ascending; empty for all rows of the
 *     prompt
 * @param forcedRowCount number of rows without cached KV, and the last row
 * @param eligibleRowCount number of cached rows except the last row of the prompt; budgets are
 *     shares of it
 * @param keepCounts per check layer of the graph, the eligible rows that stay active after it; −1
 *     for all
 * @param tensor tensor that the check layers compare
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
    checkArgument(
        first >= forcedRowCount && forcedRowCount >= 1,
        "%s active rows in layer 0, must include %s forced rows, 1 or more",
        first,
        forcedRowCount);
    checkArgument(
        first <= forcedRowCount + eligibleRowCount,
        "%s active rows in layer 0, but the prompt has %s rows",
        first,
        forcedRowCount + eligibleRowCount);
  }

  public int promptRowCount() {
    return forcedRowCount + eligibleRowCount;
  }

  /** Number of rows that are active in the last layer. */
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
