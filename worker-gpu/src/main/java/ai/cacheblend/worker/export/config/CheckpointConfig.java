package ai.cacheblend.worker.export.config;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.CheckpointFiles;
import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.BlockSource;
import ai.cacheblend.worker.model.ModelConfig;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The content of {@code config.json} and {@code generation_config.json}. Absent fields have the
 * architecture's defaults in Hugging Face transformers.
 */
public final class CheckpointConfig {

  private static final double DEFAULT_INITIALIZER_RANGE = 0.02;

  private final Architecture architecture;
  private final ModelConfig model;
  private final double initializerRange;
  private final OptionalInt bosTokenId;
  private final List<Integer> eosTokenIds;
  private final Optional<ObjectNode> quantization;

  private CheckpointConfig(
      ConfigObject config, Optional<ConfigObject> generation, Architecture architecture)
      throws ExportException {
    this.architecture = requireNonNull(architecture, "architecture is null");
    this.model = model(config, architecture);
    this.initializerRange = config.positiveNumber("initializer_range", DEFAULT_INITIALIZER_RANGE);
    int vocabularySize = model.vocabulary().size();
    List<Integer> bos = tokenIds(config, "bos_token_id", vocabularySize);
    this.bosTokenId = bos.isEmpty() ? OptionalInt.empty() : OptionalInt.of(bos.get(0));
    this.quantization = config.object("quantization_config").map(ConfigObject::json);
    this.eosTokenIds = eosTokenIds(config, generation, architecture, vocabularySize);
  }

  /**
   * Reads a checkpoint.
   *
   * @param ignoredFields unknown fields that the caller knows to be irrelevant
   * @throws ExportException if a field has a value that the graph would not honour
   */
  public static CheckpointConfig read(Path folder, Set<String> ignoredFields) throws IOException {
    Path generation = folder.resolve("generation_config.json");
    CheckpointFiles.checkContent(generation);
    return of(
        ConfigObject.read(folder.resolve("config.json")),
        Files.isRegularFile(generation)
            ? Optional.of(ConfigObject.read(generation))
            : Optional.empty(),
        ignoredFields);
  }

  /**
   * Reads what another format stands for.
   *
   * @param file the checkpoint, for messages
   * @param config as in {@code config.json}
   * @throws ExportException if a field has a value that the graph would not honour
   */
  public static CheckpointConfig of(Path file, ObjectNode config, Set<String> ignoredFields)
      throws ExportException {
    return of(new ConfigObject(file, "", config), Optional.empty(), ignoredFields);
  }

  private static CheckpointConfig of(
      ConfigObject config, Optional<ConfigObject> generation, Set<String> ignoredFields)
      throws ExportException {
    Architecture architecture = Architectures.of(config);
    ConfigObject text = architecture.text(config);
    ConfigFields.check(text, architecture, ignoredFields);
    return new CheckpointConfig(text, generation, architecture);
  }

  public ModelConfig model() {
    return model;
  }

  /** Standard deviation of random weights. */
  public double initializerRange() {
    return initializerRange;
  }

  /** {@code bos_token_id}, which the tokenizer overrides. */
  public OptionalInt bosTokenId() {
    return bosTokenId;
  }

  public List<Integer> eosTokenIds() {
    return eosTokenIds;
  }

  /** {@code quantization_config}; empty: the weights are plain numbers. */
  public Optional<ObjectNode> quantization() {
    return quantization;
  }

  /** The tensors of the text model among those of the checkpoint, by their names there. */
  public <T> Map<String, T> textTensors(Map<String, T> stored) {
    Map<String, T> tensors = new LinkedHashMap<>();
    stored.forEach(
        (name, tensor) ->
            architecture.textTensor(name).ifPresent(renamed -> tensors.put(renamed, tensor)));
    return tensors;
  }

  /** The checkpoint's tensors by block of the weights file, for this model or a variant of it. */
  public List<BlockSource> blocks(ModelConfig variant) {
    return architecture.blocks(variant);
  }

  private static ModelConfig model(ConfigObject config, Architecture architecture)
      throws ExportException {
    Architecture.Defaults defaults = architecture.defaults();
    Architecture.Biases biases = architecture.biases(config);
    int layerCount = config.size("num_hidden_layers", defaults.layerCount(), SizeLimits.LAYERS);
    ModelConfig.Attention attention =
        AttentionReader.read(config, architecture, biases, layerCount);
    int maxPositions =
        config.size("max_position_embeddings", defaults.maxPositionCount(), SizeLimits.POSITIONS);
    RopeReader.Rope rope =
        RopeReader.read(
            config, architecture.rope(config), architecture, attention.headSize(), maxPositions);
    Optional<RopeReader.Rope> windowRope = Optional.empty();
    Optional<RopeSource> source = architecture.windowRope(config);
    if (source.isPresent()) {
      windowRope =
          Optional.of(
              RopeReader.read(
                  config, source.get(), architecture, attention.headSize(), maxPositions));
    }
    return new ModelConfig(
        architecture.className(),
        layerCount,
        config.size("hidden_size", defaults.hiddenSize(), SizeLimits.HIDDEN),
        Math.min(rope.positions(), windowRope.map(RopeReader.Rope::positions).orElse(maxPositions)),
        config.positiveNumber("rms_norm_eps", architecture.normEpsilon()),
        new ModelConfig.Vocabulary(
            config.size("vocab_size", defaults.vocabularySize(), SizeLimits.VOCABULARY),
            config.flag("tie_word_embeddings", architecture.tiesOutput())),
        attention,
        new ModelConfig.FeedForward(
            config.size("intermediate_size", defaults.intermediateSize(), SizeLimits.INTERMEDIATE),
            biases.feedForward()),
        rope.parameters(),
        Optional.of(
            architecture
                .traits(config)
                .withWindowRope(windowRope.map(RopeReader.Rope::parameters))));
  }

  private static List<Integer> eosTokenIds(
      ConfigObject config,
      Optional<ConfigObject> generation,
      Architecture architecture,
      int vocabularySize)
      throws ExportException {
    if (generation.isPresent()) {
      List<Integer> ids = tokenIds(generation.get(), "eos_token_id", vocabularySize);
      if (!ids.isEmpty()) {
        return ids;
      }
    }
    OptionalInt defaultId = architecture.defaults().eosTokenId();
    if (!config.json().has("eos_token_id") && defaultId.isPresent()) {
      return defaultId.getAsInt() < vocabularySize ? List.of(defaultId.getAsInt()) : List.of();
    }
    return tokenIds(config, "eos_token_id", vocabularySize);
  }

  private static List<Integer> tokenIds(ConfigObject config, String field, int vocabularySize)
      throws ExportException {
    List<Integer> ids = config.nonNegativeList(field);
    for (int id : ids) {
      if (id >= vocabularySize) {
        throw config.wrong(field, "less than vocab_size " + vocabularySize);
      }
    }
    return ids;
  }
}
