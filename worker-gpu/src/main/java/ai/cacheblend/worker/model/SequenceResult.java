package ai.cacheblend.worker.model;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Optional;

/**
 * Result of a step for one sequence.
 *
 * @param nextTokenId argmax of the logits of the last row, ties go to the lower id; {@link
 *     #NO_TOKEN} if the logits are not numbers, and after a probe
 * @param logits logits of the last row, if requested
 * @param activePositions positions of the rows that are active in the last layer, ascending; empty
 *     unless requested
 * @param layerScores one per check layer that selects rows, ascending; empty unless requested
 * @param attention attention of the cached rows; empty unless requested
 */
public record SequenceResult(
    int nextTokenId,
    Optional<Logits> logits,
    ImmutableIntArray activePositions,
    List<LayerScores> layerScores,
    AttentionScores attention) {
  /** The graph's token id for logits that are not numbers. */
  public static final int NO_TOKEN = -1;

  /** The result of a probe. */
  static final SequenceResult PROBED =
      new SequenceResult(
          NO_TOKEN, Optional.empty(), ImmutableIntArray.of(), List.of(), AttentionScores.NONE);

  SequenceResult withNextToken(int tokenId) {
    return new SequenceResult(tokenId, logits, activePositions, layerScores, attention);
  }

  /** This result with other active positions. */
  public SequenceResult withActivePositions(ImmutableIntArray positions) {
    return new SequenceResult(nextTokenId, logits, positions, layerScores, attention);
  }

  public SequenceResult {
    requireNonNull(attention, "attention is null");
    requireNonNull(logits, "logits is null");
    requireNonNull(activePositions, "activePositions is null");
    layerScores = List.copyOf(layerScores);
  }
}
