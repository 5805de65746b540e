package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.model.AttentionScores;
import ai.cacheblend.worker.model.LayerScores;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Map;

/**
 * End of an answer whose tokens were sent to the sink.
 *
 * @param chunkRows rows of stored chunks by the tier that had them when the request began
 */
public record GenerateResult(
    Reason reason,
    String heldText,
    RowCounts rows,
    Map<TierKind, Integer> chunkRows,
    LoadReport load,
    Durations durations,
    int newTokenCount,
    List<TokenValue> firstTopLogits,
    ImmutableIntArray activePositions,
    List<LayerScores> layerScores,
    AttentionScores attention) {
  /** Why the answer ended. */
  public enum Reason {
    MAX_NEW_TOKENS,
    STOP_TOKEN,
    STOP_STRING
  }

  public GenerateResult {
    chunkRows = Map.copyOf(chunkRows);
    firstTopLogits = List.copyOf(firstTopLogits);
    layerScores = List.copyOf(layerScores);
  }
}
