package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.AttentionScores;
import ai.cacheblend.worker.model.LayerScores;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** End of an answer whose tokens were sent to the sink. */
public record GenerateResult(
    Reason reason,
    String heldText,
    RowCounts rows,
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
    firstTopLogits = List.copyOf(firstTopLogits);
    layerScores = List.copyOf(layerScores);
  }
}
