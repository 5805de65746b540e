package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.model.AttentionScores;
import ai.cacheblend.worker.model.LayerScores;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** Result of a {@link CheckCommand}. */
public record CheckResult(
    List<Chunk> chunks,
    int promptTokenCount,
    int eligibleTokenCount,
    List<LayerScores> layerScores,
    AttentionScores attention,
    ImmutableIntArray activePositions,
    RowCounts rows) {
  /** A cached segment of the prompt. */
  public record Chunk(int segmentIndex, ChunkKey key, int firstPosition, int tokenCount) {}

  public CheckResult {
    chunks = List.copyOf(chunks);
    layerScores = List.copyOf(layerScores);
  }
}
