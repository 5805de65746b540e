package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.TestDevice;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.NativeLibrary;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.ModelSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Models of six layers with random weights, exported once and loaded once per JVM. Weights are
 * large enough that attention is far from uniform.
 */
enum SmallModel {
  GROUPED(2, 16, mistral(8, 2, 16, "null", false)),
  WINDOWED(2, 16, mistral(8, 2, 16, "24", false)),
  /** Output weights are the embedding; every query head has its KV head; values are padded. */
  TIED(4, 24, mistral(4, 4, 24, "null", true)),
  /** Caps on scores and logits; windows in layers 0, 2, 4. */
  SOFT_CAPPED(
      2,
      16,
      gemma(
          "Gemma2ForCausalLM",
          "gemma2",
          """
          "attn_logit_softcapping": 4.0, "final_logit_softcapping": 6.0, "rope_theta": 10000.0
          """)),
  /** Norms per head; windows in all layers but 2 and 5, with a rotary embedding of their own. */
  TWO_ROTATIONS(
      2,
      16,
      gemma(
          "Gemma3ForCausalLM",
          "gemma3_text",
          """
          "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "sliding_window_pattern": 3
          """)),
  /** Half of a head is rotated, by angles with factors; q, k and v are one tensor. */
  PARTLY_ROTATED(2, 16, phi3());

  static final int LAYERS = 6;
  static final int WINDOW = 24;
  static final int VOCABULARY = 96;
  static final int BOS = 1;
  static final List<Integer> CHECK_LAYERS = List.of(1, 2, 3);

  private static final Map<SmallModel, Loaded> LOADED = new ConcurrentHashMap<>();

  private final int kvHeads;
  private final int headSize;
  private final String config;

  private record Loaded(Path folder, ModelManifest manifest, ModelSession session) {}

  SmallModel(int kvHeads, int headSize, String config) {
    this.kvHeads = kvHeads;
    this.headSize = headSize;
    this.config = config;
  }

  private static String gemma(String className, String modelType, String fields) {
    return """
    {"architectures": ["%s"], "model_type": "%s", "vocab_size": 96, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 6, "num_attention_heads": 8,
     "num_key_value_heads": 2, "head_dim": 16, "query_pre_attn_scalar": 20,
     "max_position_embeddings": 512, "sliding_window": 24, "initializer_range": 0.2,
     "bos_token_id": 1, "eos_token_id": 2, %s}
    """
        .formatted(className, modelType, fields);
  }

  private static String phi3() {
    return """
    {"architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "vocab_size": 96,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 6,
     "num_attention_heads": 4, "num_key_value_heads": 2, "partial_rotary_factor": 0.5,
     "rope_theta": 10000.0, "max_position_embeddings": 512,
     "original_max_position_embeddings": 512,
     "rope_scaling": {"type": "longrope", "attention_factor": 1.0,
                      "short_factor": [1.0, 1.5, 2.0, 3.0], "long_factor": [1.0, 2.0, 4.0, 8.0]},
     "initializer_range": 0.2, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    """;
  }

  private static String mistral(
      int queryHeads, int kvHeads, int headSize, String window, boolean tied) {
    return """
    {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "vocab_size": 96,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 6,
     "num_attention_heads": %d, "num_key_value_heads": %d, "head_dim": %d,
     "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
     "max_position_embeddings": 512, "sliding_window": %s, "initializer_range": 0.2,
     "tie_word_embeddings": %s, "bos_token_id": 1, "eos_token_id": 2}
    """
        .formatted(queryHeads, kvHeads, headSize, window, tied);
  }

  boolean firstLayerHasWindow() {
    return loaded().manifest().config().attention().layerWindows().get(0) > 0;
  }

  /** Angles per position of the pairs of a head in a layer; the amplitude is 1. */
  double[] angles(int layer) {
    return loaded().manifest().config().rope(layer).anglesPerPosition(headSize);
  }

  KvShape shape() {
    return new KvShape(LAYERS, kvHeads, headSize);
  }

  /** The graph file, with its weights beside it. */
  Path graph() {
    return loaded().folder().resolve(ModelManifest.GRAPH_FILE);
  }

  ModelSession session() {
    return loaded().session();
  }

  ModelProfile profile() {
    ModelManifest manifest = loaded().manifest();
    return new ModelProfile(
        manifest.fingerprint(),
        manifest.dtypes().compute().id(),
        manifest.config().vocabulary().size(),
        manifest.config().maxPositionCount(),
        manifest.config().layerCount(),
        manifest.checkLayers(),
        manifest.bosTokenId(),
        Set.copyOf(manifest.eosTokenIds()));
  }

  private Loaded loaded() {
    return LOADED.computeIfAbsent(this, SmallModel::load);
  }

  private Loaded load() {
    try {
      Path folder = Files.createTempDirectory("cacheblend-invariants");
      Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
      Files.writeString(checkpoint.resolve("config.json"), config);
      Path model = folder.resolve("model");
      ExportRequest request =
          new ExportRequest(
              checkpoint,
              name(),
              model,
              Dtype.FP32,
              CHECK_LAYERS,
              OptionalLong.of(20240516),
              Optional.empty(),
              Set.of());
      ModelManifest manifest = new Exporter((block, written, total) -> {}).export(request);
      deleteOnExit(folder);
      ModelSession session =
          ModelSession.open(
              model.resolve(ModelManifest.GRAPH_FILE), NativeLibrary.path(), TestDevice.compute(2));
      return new Loaded(model, manifest, session);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteOnExit(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.forEach(file -> file.toFile().deleteOnExit()); // in reverse: folders last
    }
  }
}
