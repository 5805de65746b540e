package ai.cacheblend.orchestrator.client;

import java.util.List;

/**
 * The rows that blending a prompt would recompute.
 *
 * @param chunkKeys of the cached segments, in prompt order
 * @param activePositions rows that stay active to the last layer, ascending
 * @param forcedRowCount active rows outside the budget
 */
public record CheckedPrompt(
    List<String> chunkKeys,
    int promptTokenCount,
    int eligibleTokenCount,
    List<LayerScores> layerScores,
    List<Integer> activePositions,
    int forcedRowCount) {
  public CheckedPrompt {
    chunkKeys = List.copyOf(chunkKeys);
    layerScores = List.copyOf(layerScores);
    activePositions = List.copyOf(activePositions);
  }
}
