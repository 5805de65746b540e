package ai.cacheblend.worker.export;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What {@code config.json} and {@code generation_config.json} of a checkpoint say. Where a field is
 * absent, the default of Hugging Face transformers holds.
 */
record CheckpointConfig(
    ModelConfig model, double initializerRange, OptionalInt bosTokenId, List<Integer> eosTokenIds) {

  private static final int QWEN3_HEAD_SIZE = 128;

  CheckpointConfig {
    requireNonNull(model, "model is null");
    requireNonNull(bosTokenId, "bosTokenId is null");
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  static CheckpointConfig read(Path folder, Set<String> ignoredFields) throws IOException {
    ConfigObject config = object(folder.resolve("config.json"));
    Architecture architecture = Architecture.of(config);
    ConfigFields.check(config, architecture, ignoredFields);
    ModelConfig model = model(config, architecture);
    List<Integer> bos = tokenIds(config, "bos_token_id", model.vocabularySize());
    return new CheckpointConfig(
        model,
        config.positiveNumber("initializer_range", 0.02),
        bos.isEmpty() ? OptionalInt.empty() : OptionalInt.of(bos.get(0)),
        eosTokenIds(folder, config, model.vocabularySize()));
  }

  private static ConfigObject object(Path file) throws IOException {
    return new ConfigObject(file, "", JsonFiles.readObject(file));
  }

  private static ModelConfig model(ConfigObject config, Architecture architecture)
      throws ExportException {
    int layerCount = config.positive("num_hidden_layers");
    int queryHeadCount = config.positive("num_attention_heads");
    boolean attentionBias = config.flag("attention_bias");
    return new ModelConfig(
        architecture.className(),
        layerCount,
        config.positive("hidden_size"),
        config.positive("intermediate_size"),
        queryHeadCount,
        kvHeadCount(config, architecture, queryHeadCount),
        headSize(config, architecture, queryHeadCount),
        config.positive("vocab_size"),
        config.positive("max_position_embeddings"),
        config.positiveNumber("rms_norm_eps", 1e-6),
        WindowReader.read(config, architecture, layerCount),
        config.flag("tie_word_embeddings"),
        attentionBias || architecture == Architecture.QWEN2,
        attentionBias,
        config.flag("mlp_bias"),
        architecture == Architecture.QWEN3,
        RopeReader.read(config));
  }

  private static int kvHeadCount(ConfigObject config, Architecture architecture, int queryHeadCount)
      throws ExportException {
    // Only Llama's default is the number of query heads; the others' are fixed numbers.
    int count =
        architecture == Architecture.LLAMA
            ? config.positive("num_key_value_heads", queryHeadCount)
            : config.positive("num_key_value_heads");
    if (queryHeadCount % count != 0) {
      throw config.wrong(
          "num_key_value_heads", "a divisor of num_attention_heads " + queryHeadCount);
    }
    return count;
  }

  private static int headSize(ConfigObject config, Architecture architecture, int queryHeadCount)
      throws ExportException {
    int hiddenSize = config.positive("hidden_size");
    if (!config.has("head_dim")
        && architecture != Architecture.QWEN3
        && hiddenSize % queryHeadCount != 0) {
      throw config.wrong("hidden_size", "a multiple of num_attention_heads " + queryHeadCount);
    }
    int size =
        config.positive(
            "head_dim",
            architecture == Architecture.QWEN3 ? QWEN3_HEAD_SIZE : hiddenSize / queryHeadCount);
    if (size % 2 != 0) {
      throw config.wrong("head_dim", "an even number, not " + size);
    }
    return size;
  }

  private static List<Integer> eosTokenIds(Path folder, ConfigObject config, int vocabularySize)
      throws IOException {
    Path generation = folder.resolve("generation_config.json");
    if (Files.isRegularFile(generation)) {
      List<Integer> ids = tokenIds(object(generation), "eos_token_id", vocabularySize);
      if (!ids.isEmpty()) {
        return ids;
      }
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
