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

/** Models of six layers with random weights, exported once and loaded once per JVM. */
enum SmallModel {
  GROUPED(8, 2, 16, "null", false),
  WINDOWED(8, 2, 16, "24", false),
  /** Output weights are the embedding; every query head has its KV head; values are padded. */
  TIED(4, 4, 24, "null", true);

  static final int LAYERS = 6;
  static final int WINDOW = 24;
  static final int VOCABULARY = 96;
  static final int BOS = 1;
  static final List<Integer> CHECK_LAYERS = List.of(1, 2, 3);

  /** Large enough that attention is far from uniform. */
  private static final double INITIALIZER_RANGE = 0.2;

  private static final Map<SmallModel, Loaded> LOADED = new ConcurrentHashMap<>();

  private final int kvHeads;
  private final int headSize;
  private final String config;

  private record Loaded(Path folder, ModelManifest manifest, ModelSession session) {}

  SmallModel(int queryHeads, int kvHeads, int headSize, String window, boolean tied) {
    this.kvHeads = kvHeads;
    this.headSize = headSize;
    this.config =
        """
        {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "vocab_size": %d,
         "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": %d,
         "num_attention_heads": %d, "num_key_value_heads": %d, "head_dim": %d,
         "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "max_position_embeddings": 512, "sliding_window": %s, "initializer_range": %s,
         "tie_word_embeddings": %s, "bos_token_id": %d, "eos_token_id": 2}
        """
            .formatted(
                VOCABULARY,
                LAYERS,
                queryHeads,
                kvHeads,
                headSize,
                window,
                INITIALIZER_RANGE,
                tied,
                BOS);
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
