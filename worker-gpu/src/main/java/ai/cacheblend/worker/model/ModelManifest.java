package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The description of a model folder, its file {@code model.json}.
 *
 * @param name display name of the checkpoint
 * @param revision commit of the checkpoint in the Hugging Face cache; empty if it was not there
 * @param fingerprint identity of the model, see {@link ModelFingerprint}
 * @param checkLayers of the graph in {@code model.onnx}, ascending
 * @param bosTokenId what the tokenizer puts before a text; empty: nothing
 * @param tokenizerSha256 hex; empty where the folder has no tokenizer
 * @param weights the blocks of {@code weights.bin}
 * @param checksums of the blocks, in the same order
 */
public record ModelManifest(
    int formatVersion,
    String name,
    Optional<String> revision,
    String fingerprint,
    ModelDtypes dtypes,
    List<Integer> checkLayers,
    OptionalInt bosTokenId,
    List<Integer> eosTokenIds,
    Optional<String> tokenizerSha256,
    ModelConfig config,
    List<WeightBlock> weights,
    List<WeightChecksums> checksums) {

  public static final int FORMAT_VERSION = 5;
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
    requireNonNull(revision, "revision is null");
    requireNonNull(fingerprint, "fingerprint is null");
    requireNonNull(dtypes, "dtypes is null");
    requireNonNull(bosTokenId, "bosTokenId is null");
    requireNonNull(tokenizerSha256, "tokenizerSha256 is null");
    requireNonNull(config, "config is null");
    checkLayers = List.copyOf(checkLayers);
    eosTokenIds = List.copyOf(eosTokenIds);
    weights = List.copyOf(weights);
    checksums = List.copyOf(checksums);
    checkCheckLayers(checkLayers, config.layerCount());
    checkChecksums(weights, checksums);
    String expected = ModelFingerprint.of(config, dtypes, weights, checksums);
    checkArgument(
        fingerprint.equals(expected),
        "fingerprint is %s, but config, dtypes and checksums give %s",
        fingerprint,
        expected);
  }

  /** A manifest with the fingerprint of its parts. */
  public static ModelManifest of(
      String name,
      Optional<String> revision,
      ModelDtypes dtypes,
      List<Integer> checkLayers,
      SpecialTokens tokens,
      Optional<String> tokenizerSha256,
      ModelConfig config,
      List<WeightBlock> weights,
      List<WeightChecksums> checksums) {
    return new ModelManifest(
        FORMAT_VERSION,
        name,
        revision,
        ModelFingerprint.of(config, dtypes, weights, checksums),
        dtypes,
        checkLayers,
        tokens.bosTokenId(),
        tokens.eosTokenIds(),
        tokenizerSha256,
        config,
        weights,
        checksums);
  }

  private static void checkChecksums(List<WeightBlock> weights, List<WeightChecksums> checksums) {
    checkArgument(
        checksums.size() == weights.size(),
        "checksums has %s entries, expected %s",
        checksums.size(),
        weights.size());
    for (int i = 0; i < weights.size(); i++) {
      WeightBlock block = weights.get(i);
      WeightChecksums checksum = checksums.get(i);
      checkArgument(
          checksum.block().equals(block.name())
              && checksum.pieceCrc32c().size() == WeightChecksums.pieceCount(block.byteCount()),
          "checksums of %s do not fit block %s of %s bytes",
          checksum.block(),
          block.name(),
          block.byteCount());
    }
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

  /** The window of the first layer that has one; empty where none has. */
  public OptionalInt slidingWindowTokens() {
    return config.attention().layerWindows().stream()
        .mapToInt(Integer::intValue)
        .filter(window -> window > 0)
        .findFirst();
  }

  /** The block of that name; {@link IllegalArgumentException} where there is none. */
  public WeightBlock weight(String blockName) {
    return weights.stream()
        .filter(block -> block.name().equals(blockName))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(WEIGHTS_FILE + " has no block " + blockName));
  }

  /** Writes {@code model.json} into the folder. */
  public void write(Path folder) throws IOException {
    Files.write(folder.resolve(MANIFEST_FILE), ManifestJson.bytes(this));
  }

  /**
   * Reads the manifest of a model folder, and checks it and the sizes of the other files. The
   * content of the weights is left to {@link WeightsVerification}.
   */
  public static ModelManifest read(Path folder) throws IOException {
    return ModelFolder.read(folder);
  }
}
