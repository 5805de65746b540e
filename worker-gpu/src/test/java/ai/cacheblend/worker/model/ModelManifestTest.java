package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.model.RopeParameters.Llama3Scaling;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelManifestTest {

  // printf '{}' | sha256sum
  private static final String EMPTY_OBJECT_SHA256 =
      "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

  private static final List<WeightBlock> WEIGHTS =
      List.of(
          new WeightBlock("embed.weight", Dtype.FP16, List.of(32, 8), 0),
          new WeightBlock("norm.weight", Dtype.FP16, List.of(8), 4096));

  private static final ModelManifest MANIFEST =
      ModelManifest.of(
          "acme/tiny",
          Optional.of("c0ffee"),
          ModelDtypes.of(Dtype.FP16),
          List.of(1, 2),
          new SpecialTokens(OptionalInt.of(1), List.of(2, 5)),
          Optional.of(EMPTY_OBJECT_SHA256),
          new ModelConfig(
              "LlamaForCausalLM",
              3,
              8,
              64,
              1e-5,
              new ModelConfig.Vocabulary(32, true),
              new ModelConfig.Attention(4, 2, 4, false, false, false, List.of(0, 9, 9)),
              new ModelConfig.FeedForward(16, false),
              new RopeParameters(500000, Optional.of(new Llama3Scaling(8, 1, 4, 32)))),
          WEIGHTS,
          WEIGHTS.stream().map(ModelManifestTest::checksums).toList());

  /** Of a block of zeros. */
  private static WeightChecksums checksums(WeightBlock block) {
    BlockDigest digest = new BlockDigest(block.name());
    digest.update(ByteBuffer.allocate((int) block.byteCount()));
    return digest.finish();
  }

  @TempDir Path folder;

  @BeforeEach
  void writeFolder() throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[4096 + 16]);
    Files.writeString(folder.resolve("model.onnx"), "graph");
    Files.writeString(folder.resolve("tokenizer.json"), "{}");
    MANIFEST.write(folder);
  }

  @Test
  void manifestRoundTrips() throws IOException {
    assertThat(ModelManifest.read(folder)).isEqualTo(MANIFEST);
    ModelManifest bare =
        ModelManifest.of(
            "x",
            Optional.empty(),
            ModelDtypes.of(Dtype.FP32),
            List.of(1),
            new SpecialTokens(OptionalInt.empty(), List.of()),
            Optional.empty(),
            MANIFEST.config(),
            MANIFEST.weights(),
            MANIFEST.checksums());
    bare.write(folder);
    Files.delete(folder.resolve("tokenizer.json"));
    assertThat(ModelManifest.read(folder)).isEqualTo(bare);
  }

  /** As in exports of before the field. */
  @Test
  void normsWithoutOffsetHaveNoSuchField() throws IOException {
    DecoderTraits traits =
        new DecoderTraits(
            DecoderTraits.Activation.GELU_TANH,
            true,
            Optional.of(8.0),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    ModelManifest manifest = withTraits(traits);
    manifest.write(folder);
    assertThat(folder.resolve("model.json")).content().doesNotContain("normOffset");
    assertThat(ModelManifest.read(folder)).isEqualTo(manifest);
  }

  private static ModelManifest withTraits(DecoderTraits traits) {
    ModelConfig config = MANIFEST.config();
    return ModelManifest.of(
        "x",
        Optional.empty(),
        MANIFEST.dtypes(),
        MANIFEST.checkLayers(),
        new SpecialTokens(OptionalInt.empty(), List.of()),
        Optional.of(EMPTY_OBJECT_SHA256),
        new ModelConfig(
            config.architecture(),
            config.layerCount(),
            config.hiddenSize(),
            config.maxPositionCount(),
            config.normEpsilon(),
            config.vocabulary(),
            config.attention(),
            config.feedForward(),
            config.rope(),
            Optional.of(traits)),
        MANIFEST.weights(),
        MANIFEST.checksums());
  }

  @Test
  void namesTheWindowOfTheLayersThatHaveOne() {
    assertThat(MANIFEST.slidingWindowTokens()).hasValue(9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"formatVersion\" : 5 | \"formatVersion\" : 1 | formatVersion is 1, expected 5",
        "\"formatVersion\" : 5, | '' | formatVersion is missing, expected 5",
        "\"compute\" : \"fp16\" | \"compute\" : \"int8\" | dtype is int8",
        "\"compute\" : \"fp16\" | \"compute\" : \"fp32\" | kv is fp16 and compute is fp32",
        "\"size\" : 32 | \"size\" : 31 | fingerprint is",
        "\"theta\" : 500000.0 | \"theta\" : 10000.0 | fingerprint is",
        "\"checkLayers\" : [ 1, 2 ] | \"checkLayers\" : [ 3 ] | check layers: 3 is not in 1..2",
        "\"layerCount\" : 3 | \"layerCount\" : 4 | layerWindows has 3 entries, expected 4",
        "\"headSize\" : 4 | \"headSize\" : null | headSize",
        "\"headSize\" : 4, | '' | headSize",
        "\"name\" : \"acme/tiny\", | '' | name",
        "\"formatVersion\" : 5, | \"formatVersion\" : 5, \"title\" : 2, | title",
        "} | '' | Unexpected character",
      })
  void refusesAnInvalidManifest(String from, String to, String message) throws IOException {
    Path file = folder.resolve("model.json");
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to == null ? "" : to));
    assertThatThrownBy(() -> ModelManifest.read(folder))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message)
        .hasMessageEndingWith("; export the checkpoint again")
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("\n");
  }

  @Test
  void refusesAnEditedFingerprintOrChecksum() throws IOException {
    Path file = folder.resolve("model.json");
    String text = Files.readString(file);
    String sha256 = MANIFEST.checksums().get(1).sha256();
    for (String edited : List.of(MANIFEST.fingerprint(), sha256)) {
      Files.writeString(file, text.replace(edited, "0".repeat(64)));
      assertThatThrownBy(() -> ModelManifest.read(folder))
          .isInstanceOf(ModelFormatException.class)
          .hasMessageContaining("but config, dtypes and checksums give");
    }
  }

  @Test
  void refusesAFolderWithoutManifest() throws IOException {
    Files.delete(folder.resolve("model.json"));
    assertThatThrownBy(() -> ModelManifest.read(folder))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("is not a model folder")
        .hasMessageContaining("cacheblend export");
  }

  @ParameterizedTest
  @CsvSource({"model.onnx", "weights.bin", "tokenizer.json"})
  void refusesAFolderWithAMissingFile(String name) throws IOException {
    Files.delete(folder.resolve(name));
    assertThatThrownBy(() -> ModelManifest.read(folder))
        .isInstanceOf(ModelFormatException.class)
        .hasMessage(folder.resolve(name) + " is missing; export the checkpoint again");
  }

  @Test
  void refusesTruncatedWeightsAndAnotherTokenizer() throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[4096 + 15]);
    assertThatThrownBy(() -> ModelManifest.read(folder))
        .hasMessageContaining("weights.bin has 4111 bytes, expected 4112");
    writeFolder();
    Files.writeString(folder.resolve("tokenizer.json"), "{ }");
    assertThatThrownBy(() -> ModelManifest.read(folder))
        .hasMessageContaining("tokenizer.json has SHA-256")
        .hasMessageContaining("expected " + EMPTY_OBJECT_SHA256);
  }

  @Test
  void slicesOfABlockAreWithinIt() {
    WeightBlock block = new WeightBlock("w", Dtype.FP16, List.of(32, 8), 4096);
    assertThat(block.rows("w.k", 8, 4))
        .isEqualTo(new WeightBlock("w.k", Dtype.FP16, List.of(4, 8), 4096 + 8 * 16));
    assertThat(block.end()).isEqualTo(4096 + 512);
    assertThatThrownBy(() -> block.rows("w.k", 30, 4)).isInstanceOf(IllegalArgumentException.class);
  }
}
