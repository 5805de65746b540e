package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * What a model computes, apart from its weights: the description that the graph is built from.
 *
 * @param architecture class name in Hugging Face transformers
 * @param normEpsilon added to the mean square in every RMS norm
 * @param traits where the layers differ from Llama's. Absent from JSON if they do not, so that
 *     fingerprints of such models stay the same
 */
public record ModelConfig(
    String architecture,
    int layerCount,
    int hiddenSize,
    int maxPositionCount,
    double normEpsilon,
    Vocabulary vocabulary,
    Attention attention,
    FeedForward feedForward,
    RopeParameters rope,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<DecoderTraits> traits) {

  public ModelConfig {
    requireNonNull(architecture, "architecture is null");
    requireNonNull(vocabulary, "vocabulary is null");
    requireNonNull(attention, "attention is null");
    requireNonNull(feedForward, "feedForward is null");
    requireNonNull(rope, "rope is null");
    traits = traits.filter(given -> !given.equals(DecoderTraits.LLAMA));
    checkPositive("layerCount", layerCount);
    checkPositive("hiddenSize", hiddenSize);
    checkPositive("maxPositionCount", maxPositionCount);
    checkArgument(
        normEpsilon > 0 && Double.isFinite(normEpsilon),
        "normEpsilon is %s, must be > 0",
        normEpsilon);
    checkArgument(
        attention.layerWindows().size() == layerCount,
        "layerWindows has %s entries, expected %s",
        attention.layerWindows().size(),
        layerCount);
  }

  /** With the layers of Llama. */
  public ModelConfig(
      String architecture,
      int layerCount,
      int hiddenSize,
      int maxPositionCount,
      double normEpsilon,
      Vocabulary vocabulary,
      Attention attention,
      FeedForward feedForward,
      RopeParameters rope) {
    this(
        architecture,
        layerCount,
        hiddenSize,
        maxPositionCount,
        normEpsilon,
        vocabulary,
        attention,
        feedForward,
        rope,
        Optional.empty());
  }

  /** The traits, those of Llama included. */
  public DecoderTraits decoder() {
    return traits.orElse(DecoderTraits.LLAMA);
  }

  /** The rotary embedding of a layer. */
  public RopeParameters rope(int layer) {
    return hasWindowRope(layer) ? decoder().windowRope().orElseThrow() : rope;
  }

  /** Whether a layer has the rotary embedding of layers with a window. */
  public boolean hasWindowRope(int layer) {
    return attention.layerWindows().get(layer) > 0 && decoder().windowRope().isPresent();
  }

  /**
   * Token embedding and output layer.
   *
   * @param tiedOutput the output layer is the embedding matrix
   */
  public record Vocabulary(int size, boolean tiedOutput) {
    public Vocabulary {
      checkPositive("vocabulary size", size);
    }
  }

  /**
   * Grouped-query attention.
   *
   * @param qkvBias the q, k and v projections have biases
   * @param outputBias the output projection has a bias
   * @param queryKeyNorm q and k have an RMS norm per head before rotation
   * @param layerWindows per layer the number of positions that a row attends to, its own included;
   *     0: all
   */
  public record Attention(
      int queryHeadCount,
      int kvHeadCount,
      int headSize,
      boolean qkvBias,
      boolean outputBias,
      boolean queryKeyNorm,
      List<Integer> layerWindows) {

    public Attention {
      layerWindows = List.copyOf(layerWindows);
      checkPositive("queryHeadCount", queryHeadCount);
      checkPositive("kvHeadCount", kvHeadCount);
      checkPositive("headSize", headSize);
      checkArgument(headSize % 2 == 0, "headSize is %s, must be even", headSize);
      checkArgument(
          queryHeadCount % kvHeadCount == 0,
          "queryHeadCount is %s, must be a multiple of kvHeadCount %s",
          queryHeadCount,
          kvHeadCount);
      for (int window : layerWindows) {
        checkArgument(window >= 0, "a layer window is %s, must be >= 0", window);
      }
    }

    /** Columns of the query projection. */
    public int queryWidth() {
      return queryHeadCount * headSize;
    }

    /** Columns of the key projection, and of the value projection. */
    public int kvWidth() {
      return kvHeadCount * headSize;
    }
  }

  /** {@code down(activation(gate(x)) · up(x))}; with biases on all three, or none. */
  public record FeedForward(int size, boolean hasBias) {
    public FeedForward {
      checkPositive("feed-forward size", size);
    }
  }

  private static void checkPositive(String name, int value) {
    checkArgument(value > 0, "%s is %s, must be > 0", name, value);
  }

  /** The same model with an output layer of its own. */
  public ModelConfig withUntiedOutput() {
    return new ModelConfig(
        architecture,
        layerCount,
        hiddenSize,
        maxPositionCount,
        normEpsilon,
        new Vocabulary(vocabulary.size(), false),
        attention,
        feedForward,
        rope,
        traits);
  }
}
