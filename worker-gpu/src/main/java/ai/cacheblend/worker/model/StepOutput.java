package ai.cacheblend.worker.model;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Optional;

/**
 * What a run of the graph gives.
 *
 * @param nextTokenId argmax of the logits of the last row; ties go to the lower id
 * @param logits of the last row, where asked for
 * @param activePositions of the rows that were active to the last layer, where asked for, else
 *     empty
 * @param layerScores where asked for, in the order asked
 */
public record StepOutput(
    int nextTokenId,
    Optional<Logits> logits,
    ImmutableIntArray activePositions,
    List<LayerScores> layerScores) {
  public StepOutput {
    requireNonNull(logits, "logits is null");
    requireNonNull(activePositions, "activePositions is null");
    layerScores = List.copyOf(layerScores);
  }
}
