package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Cached rows of one sequence that are active in layer 0 beside the forced rows. The graph ranks
 * them by the attention of an earlier probe.
 *
 * @param count number of rows; {@link #ALL}: every row of the step is active
 * @param anchorCount rows that are taken by attention before the selection grows to the right;
 *     equal to {@code count}: it does not grow
 * @param headDepth rows of each chunk that are taken whatever their attention
 * @param headEnd row {@code headDepth} of a chunk is taken, too, if its position is lower
 */
public record RowChoice(int count, int anchorCount, int headDepth, int headEnd) {
  public static final int ALL = -1;
  public static final RowChoice ALL_ROWS = new RowChoice(ALL, ALL, 0, 0);

  public RowChoice {
    checkArgument(count >= ALL, "count is %s, must be -1 or more", count);
    checkArgument(
        anchorCount <= count && anchorCount >= Math.min(count, 0),
        "anchorCount is %s, must be 0 to %s",
        anchorCount,
        count);
    checkArgument(
        headDepth >= 0 && headEnd >= 0,
        "headDepth %s or headEnd %s is negative",
        headDepth,
        headEnd);
  }
}
