package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;

/**
 * Rows of the prefill step of a prompt.
 *
 * @param chosenPositions rows of the step, ascending; empty for all rows of the prompt
 * @param forcedRowCount number of rows without cached KV, and the last row
 * @param eligibleRowCount number of cached rows except the last row of the prompt; budgets are
 *     shares of it
 * @param attention probe before the prefill; its choice decides which rows of the step are active
 *     in layer 0
 * @param keepCounts per check layer of the graph, the eligible rows that stay active after it; −1
 *     for all
 * @param tensor tensor that the check layers compare
 */
public record RowPlan(
    Optional<ImmutableIntArray> chosenPositions,
    int forcedRowCount,
    int eligibleRowCount,
    Optional<AttentionPlan> attention,
    ImmutableIntArray keepCounts,
    Selector.Tensor tensor) {

  public RowPlan {
    requireNonNull(chosenPositions, "chosenPositions is null");
    requireNonNull(attention, "attention is null");
    requireNonNull(keepCounts, "keepCounts is null");
    requireNonNull(tensor, "tensor is null");
    int first = firstRowCount(chosenPositions, attention, forcedRowCount, eligibleRowCount);
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

  /** Number of rows that are active in layer 0. */
  int firstRowCount() {
    return firstRowCount(chosenPositions, attention, forcedRowCount, eligibleRowCount);
  }

  /** Number of rows that are active in the last layer. */
  public int lastRowCount() {
    int count = firstRowCount();
    for (int i = 0; i < keepCounts.length(); i++) {
      if (keepCounts.get(i) >= 0) {
        count = Math.min(count, forcedRowCount + keepCounts.get(i));
      }
    }
    return count;
  }

  private static int firstRowCount(
      Optional<ImmutableIntArray> chosen,
      Optional<AttentionPlan> attention,
      int forcedRowCount,
      int eligibleRowCount) {
    return attention
        .flatMap(AttentionPlan::choice)
        .map(choice -> forcedRowCount + choice.count())
        .or(() -> chosen.map(ImmutableIntArray::length))
        .orElse(forcedRowCount + eligibleRowCount);
  }
}
