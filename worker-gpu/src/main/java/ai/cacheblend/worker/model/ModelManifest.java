package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The description of a model folder, its file {@code model.json}.
 *
 * @param name the checkpoint's name, for people
 * @param fingerprint SHA-256 (hex) over config, dtype and weights; the check layers are no part of
 *     it, since stored KV does not depend on them
 * @param checkLayers of the graph in {@code model.onnx}, ascending
 * @param tokenizerSha256 hex; empty where the folder has no tokenizer
 * @param weights the blocks of {@code weights.bin}
 */
public record ModelManifest(
    int formatVersion,
    String name,
    String fingerprint,
    ModelDtype dtype,
    List<Integer> checkLayers,
    OptionalInt bosTokenId,
    List<Integer> eosTokenIds,
    Optional<String> tokenizerSha256,
    ModelConfig config,
    List<WeightBlock> weights) {

  public static final int FORMAT_VERSION = 3;
  public static final String MANIFEST_FILE = "model.json";
  public static final String GRAPH_FILE = "model.onnx";
  public static final String WEIGHTS_FILE = "weights.bin";
  public static final String TOKENIZER_FILE = "tokenizer.json";

  public ModelManifest {
    checkArgument(
        formatVersion == FORMAT_VERSION,
        "formatVersion is %s, expected %s; export the checkpoint again",
        formatVersion,
        FORMAT_VERSION);
    requireNonNull(name, "name is null");
    requireNonNull(fingerprint, "fingerprint is null");
    requireNonNull(dtype, "dtype is null");
    requireNonNull(bosTokenId, "bosTokenId is null");
    requireNonNull(tokenizerSha256, "tokenizerSha256 is null");
    requireNonNull(config, "config is null");
    checkLayers = List.copyOf(checkLayers);
    eosTokenIds = List.copyOf(eosTokenIds);
    weights = List.copyOf(weights);
    checkCheckLayers(checkLayers, config.layerCount());
  }

  /** Throws {@link IllegalArgumentException} unless the layers may be check layers. */
  public static void checkCheckLayers(List<Integer> checkLayers, int layerCount) {
    checkArgument(!checkLayers.isEmpty(), "check layers: none given, expected at least one");
    int previous = 0;
    for (int layer : checkLayers) {
      checkArgument(
          layer >= 1 && layer < layerCount,
          "check layers: %s is not in 1..%s (the model has %s layers; KV of layer 0 depends on the"
              + " token alone)",
          layer,
          layerCount - 1,
          layerCount);
      checkArgument(
          layer > previous, "check layers: %s after %s, expected ascending", layer, previous);
      previous = layer;
    }
  }

  public String architecture() {
    return config.architecture();
  }

  public int layerCount() {
    return config.layerCount();
  }

  public int hiddenSize() {
    return config.hiddenSize();
  }

  public int intermediateSize() {
    return config.intermediateSize();
  }

  public int queryHeadCount() {
    return config.queryHeadCount();
  }

  public int kvHeadCount() {
    return config.kvHeadCount();
  }

  public int headSize() {
    return config.headSize();
  }

  public int vocabularySize() {
    return config.vocabularySize();
  }

  public int maxPositionCount() {
    return config.maxPositionCount();
  }

  /** The window of the layers that have one; empty where none has. */
  public OptionalInt slidingWindowTokens() {
    return config.layerWindows().stream()
        .mapToInt(Integer::intValue)
        .filter(window -> window > 0)
        .findFirst();
  }

  /** The block of that name; a missing one is an {@link IllegalArgumentException}. */
  public WeightBlock weight(String blockName) {
    return weights.stream()
        .filter(block -> block.name().equals(blockName))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(WEIGHTS_FILE + " has no block " + blockName));
  }

  /** Reads and checks the manifest of a model folder, and that its files are there. */
  public static ModelManifest read(Path folder) throws IOException {
    Path file = folder.resolve(MANIFEST_FILE);
    if (!Files.isRegularFile(file)) {
      throw new ModelFormatException(
          "%s is not a model folder (no %s in it); make one with: cacheblend export --checkpoint"
                  .formatted(folder, MANIFEST_FILE)
              + " CHECKPOINT --out FOLDER");
    }
    ModelManifest manifest = ManifestJson.read(file);
    manifest.checkFiles(folder);
    return manifest;
  }

  /** Writes {@code model.json} into the folder. */
  public void write(Path folder) throws IOException {
    Files.write(folder.resolve(MANIFEST_FILE), ManifestJson.bytes(this));
  }

  private void checkFiles(Path folder) throws IOException {
    requireFile(folder.resolve(GRAPH_FILE));
    Path weightsFile = requireFile(folder.resolve(WEIGHTS_FILE));
    long expected = weights.stream().mapToLong(WeightBlock::end).max().orElse(0);
    long actual = Files.size(weightsFile);
    if (actual != expected) {
      throw damaged("%s has %d bytes, expected %d".formatted(weightsFile, actual, expected));
    }
    if (tokenizerSha256.isPresent()) {
      Path tokenizer = requireFile(folder.resolve(TOKENIZER_FILE));
      String hash = MoreFiles.asByteSource(tokenizer).hash(Hashing.sha256()).toString();
      if (!hash.equals(tokenizerSha256.get())) {
        throw damaged(
            "%s has SHA-256 %s, expected %s".formatted(tokenizer, hash, tokenizerSha256.get()));
      }
    }
  }

  private static Path requireFile(Path file) throws ModelFormatException {
    if (!Files.isRegularFile(file)) {
      throw damaged(file + " is missing");
    }
    return file;
  }

  static ModelFormatException damaged(String what) {
    return new ModelFormatException(what + "; export the checkpoint again");
  }
}
