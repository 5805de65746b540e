package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Optional;

/**
 * A probe: a step before the prefill that computes the forced rows over the cached KV, and adds up
 * the attention of the query rows to the keys before them. It ends in the last of its layers.
 *
 * @param positions rows of the probe: the forced rows of the prompt, ascending
 * @param queryRowCount query rows, the last of these rows: those behind the last chunk, or the last
 *     row of the prompt where a chunk ends it
 * @param layers layers whose attention is added up, ascending
 * @param choice rows that are chosen by attention before layer 0; empty: attention weighs the
 *     scores of the check layers
 */
public record AttentionPlan(
    ImmutableIntArray positions,
    int queryRowCount,
    ImmutableIntArray layers,
    Optional<Choice> choice) {

  /**
   * Rows to choose before layer 0.
   *
   * @param count number of eligible rows
   * @param anchorCount rows that are taken by attention before the selection grows to the right;
   *     equal to {@code count}: it does not grow
   * @param headDepth rows of each chunk that are taken whatever their attention
   * @param headEnd row {@code headDepth} of a chunk is taken, too, if its position is lower
   */
  public record Choice(int count, int anchorCount, int headDepth, int headEnd) {
    public Choice {
      checkArgument(
          anchorCount >= 0 && anchorCount <= count,
          "anchorCount is %s, must be 0 to %s",
          anchorCount,
          count);
    }
  }

  public AttentionPlan {
    requireNonNull(choice, "choice is null");
    checkArgument(
        queryRowCount >= 1 && queryRowCount <= positions.length(),
        "%s query rows, must be 1 to %s",
        queryRowCount,
        positions.length());
    checkArgument(!layers.isEmpty(), "layers is empty");
  }

  /** Number of layers that the probe computes: it ends in the last one whose attention counts. */
  int layerEnd() {
    return layers.get(layers.length() - 1) + 1;
  }
}
