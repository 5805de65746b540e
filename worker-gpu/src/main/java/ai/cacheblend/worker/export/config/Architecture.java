package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.BlockSource;
import ai.cacheblend.worker.export.weights.LlamaTensors;
import ai.cacheblend.worker.model.DecoderTraits;
import ai.cacheblend.worker.model.ModelConfig;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** One architecture of Hugging Face transformers: what its {@code config.json} means. */
interface Architecture {

  /** The name in {@code architectures}. */
  String className();

  /** The name in {@code model_type}. */
  String modelType();

  /** The config of the text model, within that of the checkpoint. */
  default ConfigObject text(ConfigObject config) throws ExportException {
    return config;
  }

  /** The name of a stored tensor in the text model; empty: it is not part of that. */
  default Optional<String> textTensor(String stored) {
    return Optional.of(stored);
  }

  /** Fields that this architecture reads beside those that all read. */
  Set<String> fields();

  Defaults defaults();

  /** {@code rms_norm_eps} where the config has none. */
  default double normEpsilon() {
    return 1e-6;
  }

  /** Whether {@code partial_rotary_factor} may be less than 1. */
  default boolean rotatesPartially() {
    return false;
  }

  /** The rope type that a name in the config stands for. */
  default String ropeType(String name) {
    return name;
  }

  /** Which projections have biases. */
  default Biases biases(ConfigObject config) throws ExportException {
    return Biases.NONE;
  }

  /** {@code tie_word_embeddings} where the config has none. */
  default boolean tiesOutput() {
    return false;
  }

  /** Where the layers differ from Llama's, without the rotary embedding of windows. */
  default DecoderTraits traits(ConfigObject config) throws ExportException {
    return DecoderTraits.LLAMA;
  }

  /** The rotary embedding of all layers, or of those without a window. */
  default RopeSource rope(ConfigObject config) throws ExportException {
    return RopeSource.of(config);
  }

  /** The rotary embedding of the layers with a window; empty: as in other layers. */
  default Optional<RopeSource> windowRope(ConfigObject config) throws ExportException {
    return Optional.empty();
  }

  /** Queries and keys have an RMS norm per head before rotation. */
  default boolean queryKeyNorm() {
    return false;
  }

  /** Per layer the attention window, or 0. */
  default List<Integer> layerWindows(ConfigObject config, int layerCount) throws ExportException {
    return Collections.nCopies(layerCount, 0);
  }

  /** The checkpoint's tensors by block of the weights file. */
  default List<BlockSource> blocks(ModelConfig model) {
    return LlamaTensors.blocks(model);
  }

  /**
   * Values of absent fields: those of the configuration class in transformers 5.
   *
   * @param kvHeadCount empty: one per query head
   * @param headSize empty: hidden size / query heads
   * @param eosTokenId empty: none
   */
  record Defaults(
      int vocabularySize,
      int hiddenSize,
      int intermediateSize,
      int layerCount,
      int queryHeadCount,
      OptionalInt kvHeadCount,
      OptionalInt headSize,
      int maxPositionCount,
      OptionalInt eosTokenId) {}

  /** Biases of the q, k and v projections, of the output projection, of the feed-forward. */
  record Biases(boolean qkv, boolean output, boolean feedForward) {
    static final Biases NONE = new Biases(false, false, false);
  }
}
