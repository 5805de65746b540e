package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a model computes, apart from its weights: all that the graph is built from.
 *
 * @param layerWindows per layer, how many positions up to its own a row sees; 0: all
 * @param qkvBias the q, k and v projections have biases
 * @param outputBias the projection behind attention has one
 * @param mlpBias the gate, up and down projections have biases
 * @param queryKeyNorm q and k are normed per head before rotation
 */
public record ModelConfig(
    String architecture,
    int layerCount,
    int hiddenSize,
    int intermediateSize,
    int queryHeadCount,
    int kvHeadCount,
    int headSize,
    int vocabularySize,
    int maxPositionCount,
    double normEpsilon,
    List<Integer> layerWindows,
    boolean tiedEmbeddings,
    boolean qkvBias,
    boolean outputBias,
    boolean mlpBias,
    boolean queryKeyNorm,
    RopeParameters rope) {

  public ModelConfig {
    requireNonNull(architecture, "architecture is null");
    requireNonNull(rope, "rope is null");
    layerWindows = List.copyOf(layerWindows);
    checkPositive("layerCount", layerCount);
    checkPositive("hiddenSize", hiddenSize);
    checkPositive("intermediateSize", intermediateSize);
    checkPositive("queryHeadCount", queryHeadCount);
    checkPositive("kvHeadCount", kvHeadCount);
    checkPositive("headSize", headSize);
    checkPositive("vocabularySize", vocabularySize);
    checkPositive("maxPositionCount", maxPositionCount);
    checkArgument(headSize % 2 == 0, "headSize is %s, must be even", headSize);
    checkArgument(
        queryHeadCount % kvHeadCount == 0,
        "queryHeadCount is %s, must be a multiple of kvHeadCount %s",
        queryHeadCount,
        kvHeadCount);
    checkArgument(
        normEpsilon > 0 && Double.isFinite(normEpsilon),
        "normEpsilon is %s, must be > 0",
        normEpsilon);
    checkArgument(
        layerWindows.size() == layerCount,
        "layerWindows has %s entries, expected %s",
        layerWindows.size(),
        layerCount);
    for (int window : layerWindows) {
      checkArgument(window >= 0, "a layer window is %s, must be >= 0", window);
    }
  }

  private static void checkPositive(String name, int value) {
    checkArgument(value > 0, "%s is %s, must be > 0", name, value);
  }

  /** Columns of the query projection. */
  public int queryWidth() {
    return queryHeadCount * headSize;
  }

  /** Columns of the key projection, and of the value projection. */
  public int kvWidth() {
    return kvHeadCount * headSize;
  }

  /** All fields on one line of JSON; part of a model's fingerprint. */
  public String canonicalJson() {
    return ManifestJson.compact(this);
  }
}
