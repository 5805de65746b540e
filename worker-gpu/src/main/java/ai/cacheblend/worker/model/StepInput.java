package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * One run of the graph over rows of one sequence.
 *
 * @param sequence handle of the sequence in the KV pool
 * @param tokenIds of the rows
 * @param positions of the rows
 * @param keepCounts per check layer of the graph: cached rows that stay active after it, −1: all
 *     stay
 * @param compareKeys compare keys instead of values at the check layers
 * @param wantsLogits return the logits of the last row
 * @param wantsPositions return the positions of the rows that were active to the last layer
 * @param scoredLayers check layers whose scores are returned
 */
public record StepInput(
    long sequence,
    ImmutableIntArray tokenIds,
    Positions positions,
    ImmutableIntArray keepCounts,
    boolean compareKeys,
    boolean wantsLogits,
    boolean wantsPositions,
    List<Integer> scoredLayers) {

  public StepInput {
    requireNonNull(keepCounts, "keepCounts is null");
    checkArgument(!tokenIds.isEmpty(), "a step has at least one row");
    checkArgument(
        tokenIds.length() == positions.count(),
        "%s token ids but %s positions",
        tokenIds.length(),
        positions.count());
    scoredLayers = List.copyOf(scoredLayers);
  }
}
